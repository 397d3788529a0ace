#include "coordinator/store/postgres/pg_connection.h"

#include <poll.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/digest.h"
#include "common/base/secret.h"
#include "coordinator/store/postgres/pg_errors.h"

namespace tikhaul {
namespace {

void DropNotice(void*, const PGresult*) {}

// libpq's messages have several lines; the first says it.
std::string FirstLine(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return std::string(text.substr(0, text.find('\n')));
}

std::string PlaceOf(PGconn* handle) {
  const auto text = [](const char* value) { return absl::string_view(value == nullptr ? "" : value); };
  const absl::string_view database = text(PQdb(handle)), host = text(PQhost(handle)), port = text(PQport(handle));
  return absl::StrCat("PostgreSQL database ", database, host.empty() ? "" : absl::StrCat(" at ", host, ":", port));
}

// Those of the URL win over those before it, and lose against those behind it.
class Parameters {
 public:
  Parameters(const PgOptions& options, const Secret& password, const std::string& name) {
    Add("connect_timeout", "5");
    Add("keepalives_idle", "10");
    Add("keepalives_interval", "5");
    Add("keepalives_count", "2");
    Add("tcp_user_timeout", "15000");
    Add("application_name", name);
    Add("dbname", options.url);
    if (!password.empty()) Add("password", password.Reveal());
    Add("client_encoding", "UTF8");
  }

  PGconn* Connect() const {
    std::vector<const char*> names, values;
    for (const auto& [name, value] : parameters_) {
      names.push_back(name);
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    return PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/1);
  }

 private:
  void Add(const char* name, const std::string& value) { parameters_.emplace_back(name, value); }
  std::vector<std::pair<const char*, std::string>> parameters_;
};

// The texts of bound values, as libpq wants them.
class BoundValues {
 public:
  explicit BoundValues(absl::Span<const SqlValue> values) : texts_(values.size()) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (const auto* number = std::get_if<int64_t>(&values[i])) {
        texts_[i] = absl::StrCat(*number);
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        // PostgreSQL's texts cannot hold a zero byte.
        texts_[i] = absl::StrReplaceAll(*text, {{absl::string_view("\0", 1), "\xef\xbf\xbd"}});
      }
      pointers_.push_back(std::holds_alternative<std::monostate>(values[i]) ? nullptr : texts_[i].c_str());
    }
  }
  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

bool Ended(ExecStatusType status) {
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

}  // namespace

int64_t PgResult::Int(int column) const {
  int64_t value = 0;
  return absl::SimpleAtoi(Text(column), &value) ? value : 0;
}

double PgResult::Real(int column) const {
  double value = 0;
  return absl::SimpleAtod(Text(column), &value) ? value : 0;
}

uint64_t PgResult::Changed() const {
  uint64_t count = 0;
  return absl::SimpleAtoi(PQcmdTuples(result_.get()), &count) ? count : 0;
}

uint64_t PgResult::Fingerprint() const {
  std::string cells;
  for (int row = 0; row < PQntuples(result_.get()); ++row) {
    for (int column = 0; column < PQnfields(result_.get()); ++column) {
      const int length = PQgetisnull(result_.get(), row, column) != 0 ? -1 : PQgetlength(result_.get(), row, column);
      absl::StrAppend(&cells, length, ":", PQgetvalue(result_.get(), row, column));
    }
    cells.push_back('\n');
  }
  return StableHash(cells);
}

absl::StatusOr<std::unique_ptr<PgConnection>> PgConnection::Open(const PgOptions& options, const std::string& name) {
  // A URL that libpq cannot read would come back, whole, in its message.
  char* problem = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(options.url.c_str(), &problem);
  if (problem != nullptr) PQfreemem(problem);
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "`store` is not a PostgreSQL address: write postgresql://user@host:5432/database?sslmode=verify-full, with "
        "special characters as %XX");
  }
  PQconninfoFree(parsed);
  Secret password;
  if (options.password) {
    // A file that is just being replaced: as a server that is just away.
    absl::StatusOr<Secret> read = options.password();
    if (!read.ok()) return absl::UnavailableError(read.status().message());
    password = *std::move(read);
  }
  PGconn* const handle = Parameters(options, password, name).Connect();
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory while connecting to PostgreSQL");
  std::unique_ptr<PgConnection> connection(new PgConnection(handle, PlaceOf(handle)));
  if (!connection->good()) {
    return absl::UnavailableError(
        absl::StrCat("cannot reach ", connection->place(), ": ", Redact(FirstLine(PQerrorMessage(handle)))));
  }
  PQsetNoticeReceiver(handle, DropNotice, nullptr);
  RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

absl::Status PgConnection::Configure(const PgOptions& options) {
  const auto ms = [](absl::Duration duration) { return absl::ToInt64Milliseconds(duration); };
  return Run(absl::StrCat(
                 "SET search_path TO ", QuoteSql(options.schema), "; SET lock_timeout = ", ms(options.lock_timeout),
                 "; SET statement_timeout = ", ms(options.statement_timeout),
                 "; SET idle_in_transaction_session_timeout = ", ms(options.idle_timeout),
                 // The server, too, is to notice that we are gone.
                 "; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"
                 "; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET standard_conforming_strings = on"
                 "; SET default_transaction_isolation = 'read committed'"
                 // What Write reported as committed survives; other settings of the user's stay.
                 "; SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = "
                 "'off'"))
      .status();
}

absl::Status PgConnection::Error(const PGresult* result) {
  const char* field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field == nullptr ? "" : field;
  // Only the first part of a message: details hold the user's data.
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = primary != nullptr ? primary : FirstLine(PQerrorMessage(handle_));
  const PgMeaning meaning = MeaningOf(good() ? state : state.empty() ? "" : state);
  if (meaning.code == absl::StatusCode::kAborted) conflict_ = true;
  return absl::Status(meaning.code, Redact(absl::StrCat(place_, ": ", message, meaning.mend)));
}

absl::StatusOr<PgResult> PgConnection::Judge(PGresult* result) {
  PgResult owned(result);
  if (result == nullptr || !Ended(PQresultStatus(result))) return Error(result);
  return owned;
}

absl::StatusOr<PgResult> PgConnection::Run(const std::string& sql) { return Judge(PQexec(handle_, sql.c_str())); }

absl::StatusOr<PgResult> PgConnection::RunPrepared(const std::string& sql, absl::Span<const SqlValue> values) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    const std::string name = absl::StrCat("t", prepared_.size() + 1);
    RETURN_IF_ERROR(Judge(PQprepare(handle_, name.c_str(), sql.c_str(), 0, nullptr)).status());
    found = prepared_.try_emplace(sql, name).first;
  }
  const BoundValues bound(values);
  return Judge(
      PQexecPrepared(handle_, found->second.c_str(), bound.count(), bound.pointers(), nullptr, nullptr, /*text*/ 0));
}

absl::Status PgConnection::Stream(const std::string& sql, absl::FunctionRef<absl::Status(const SqlRows&)> take) {
  if (PQsendQuery(handle_, sql.c_str()) == 0) return Error(nullptr);
  PQsetSingleRowMode(handle_);
  absl::Status status;
  while (PGresult* const next = PQgetResult(handle_)) {
    absl::StatusOr<PgResult> result = Judge(next);
    if (!result.ok()) {
      if (status.ok()) status = result.status();
      continue;
    }
    for (bool more = *result->Step(); more && status.ok(); more = *result->Step()) status = take(*result);
  }
  return status;
}

absl::Status PgConnection::CopyIn(const std::string& sql,
                                  absl::FunctionRef<absl::StatusOr<bool>(std::string& piece)> fill) {
  PGresult* const begun = PQexec(handle_, sql.c_str());
  const bool copying = begun != nullptr && PQresultStatus(begun) == PGRES_COPY_IN;
  const absl::Status refused = copying ? absl::OkStatus() : Error(begun);
  PQclear(begun);
  RETURN_IF_ERROR(refused);
  std::string piece;
  for (;;) {
    piece.clear();
    const absl::StatusOr<bool> more = fill(piece);
    if (!more.ok()) {
      EndCopy("given up").IgnoreError();
      return more.status();
    }
    if (!piece.empty() && PQputCopyData(handle_, piece.data(), static_cast<int>(piece.size())) != 1) {
      return EndCopy("given up");
    }
    if (!*more) return EndCopy(nullptr);
  }
}

absl::Status PgConnection::EndCopy(const char* error) {
  absl::Status status = PQputCopyEnd(handle_, error) == 1 ? absl::OkStatus() : Error(nullptr);
  while (PGresult* const next = PQgetResult(handle_)) {
    const absl::StatusOr<PgResult> result = Judge(next);
    if (status.ok()) status = result.status();
  }
  return status;
}

bool PgConnection::StillThere() const {
  if (!good() || InTransaction()) return false;
  // Nobody has asked anything, so whatever is there to be read is the end, or the word that announces it.
  pollfd socket{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  return poll(&socket, 1, 0) == 0;
}

std::string PgLiteral(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}, {absl::string_view("\0", 1), "\xef\xbf\xbd"}}), "'");
}

}  // namespace tikhaul
