// The one home of libpq: connections, statements, COPY, and what its errors mean to us.
#ifndef TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CONNECTION_H_
#define TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "coordinator/store/postgres/pg_options.h"
#include "coordinator/store/sql/sql_session.h"

namespace tikhaul {

// What a statement gave: rows, and how many it changed. Owns them.
class PgResult final : public SqlRows {
 public:
  explicit PgResult(PGresult* result) : result_(result) {}

  absl::StatusOr<bool> Step() override { return ++row_ < PQntuples(result_.get()); }
  bool IsNull(int column) const override { return PQgetisnull(result_.get(), row_, column) != 0; }
  int64_t Int(int column) const override;
  double Real(int column) const override;
  absl::string_view Text(int column) const override {
    return absl::string_view(PQgetvalue(result_.get(), row_, column),
                             static_cast<size_t>(PQgetlength(result_.get(), row_, column)));
  }
  absl::string_view ColumnName(int column) const override { return PQfname(result_.get(), column); }

  // Of the statement that came last: "COMMIT", "INSERT 0 5".
  absl::string_view Tag() const { return PQcmdStatus(result_.get()); }
  uint64_t Changed() const;
  // Of all cells: equal results have equal fingerprints.
  uint64_t Fingerprint() const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
  int row_ = -1;
};

// One connection. Not thread-safe: its owner lets one thread at a time use it. Codes of errors: RESOURCE_EXHAUSTED
// (disk full, out of memory), UNAVAILABLE (gone, locked, too slow, read-only), DATA_LOSS (damaged), ALREADY_EXISTS (a
// key that is taken), PERMISSION_DENIED (rights are missing), INVALID_ARGUMENT (a value that does not fit), ABORTED
// (in conflict with another transaction: see conflict()), INTERNAL (a mistake of ours).
class PgConnection {
 public:
  // `name` is what the server's lists of connections show. Messages never hold the URL or the password.
  static absl::StatusOr<std::unique_ptr<PgConnection>> Open(const PgOptions& options, const std::string& name);
  ~PgConnection() { PQfinish(handle_); }
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  // Runs statements separated by semicolons, and gives the result of the last.
  absl::StatusOr<PgResult> Run(const std::string& sql);
  // One statement with parameters $1 ..., prepared once per connection.
  absl::StatusOr<PgResult> RunPrepared(const std::string& sql, absl::Span<const SqlValue> values);
  // Gives the rows of a query one by one, as they come. A failed status of `take` ends it.
  absl::Status Stream(const std::string& sql, absl::FunctionRef<absl::Status(const SqlRows&)> take);
  // Runs COPY ... FROM STDIN with the bytes that `fill` appends, piece by piece, until it gives false.
  absl::Status CopyIn(const std::string& sql, absl::FunctionRef<absl::StatusOr<bool>(std::string& piece)> fill);

  // False: nothing can come over it any more.
  bool good() const { return PQstatus(handle_) == CONNECTION_OK; }
  // Looks, without waiting, whether the server has ended it. Outside a transaction.
  bool StillThere() const;
  bool InTransaction() const { return PQtransactionStatus(handle_) != PQTRANS_IDLE; }

  // A transaction lost against another one: it may be run again. Set by errors, and by those who see it otherwise.
  bool conflict() const { return conflict_; }
  void SetConflict(bool conflict) { conflict_ = conflict; }

  // "database ads at db.example.com:5432".
  const std::string& place() const { return place_; }

 private:
  PgConnection(PGconn* handle, std::string place) : handle_(handle), place_(std::move(place)) {}
  absl::Status Configure(const PgOptions& options);
  // Takes over `result`: OK, or what its error means.
  absl::StatusOr<PgResult> Judge(PGresult* result);
  absl::Status Error(const PGresult* result);
  absl::Status EndCopy(const char* error);

  PGconn* const handle_;
  const std::string place_;
  bool conflict_ = false;
  absl::flat_hash_map<std::string, std::string> prepared_;  // statement -> name
};

// A text as a literal.
std::string PgLiteral(absl::string_view text);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_POSTGRES_PG_CONNECTION_H_
