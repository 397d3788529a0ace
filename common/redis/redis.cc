#include "common/redis/redis.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/redis/redis_errors.h"
#include "common/redis/redis_url.h"
#include "common/redis/transport.h"

namespace tikhaul {
namespace {

constexpr BackoffPolicy kReconnect = {absl::Milliseconds(50), absl::Seconds(2)};
// Longest time that sent bytes may stay unacknowledged before the kernel gives the connection up.
constexpr unsigned kTcpUserTimeoutMs = 10'000;

struct ContextDeleter {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using ReplyPtr = std::unique_ptr<redisReply, ReplyDeleter>;

struct Credentials {
  std::string user;
  Secret password;
};

RedisReply::Kind KindOf(int type) {
  switch (type) {
    case REDIS_REPLY_STRING:
      return RedisReply::Kind::kString;
    case REDIS_REPLY_ARRAY:
      return RedisReply::Kind::kArray;
    case REDIS_REPLY_INTEGER:
      return RedisReply::Kind::kInteger;
    case REDIS_REPLY_STATUS:
      return RedisReply::Kind::kStatus;
    case REDIS_REPLY_ERROR:
      return RedisReply::Kind::kError;
    default:
      return RedisReply::Kind::kNil;
  }
}

// Depth is bounded by hiredis, which refuses more than seven levels.
RedisReply CopyOut(const redisReply* from) {
  RedisReply reply;
  if (from == nullptr) return reply;
  reply.kind = KindOf(from->type);
  if (reply.kind == RedisReply::Kind::kInteger) reply.integer = from->integer;
  if (reply.kind == RedisReply::Kind::kArray) {
    reply.elements.reserve(from->elements);
    for (size_t i = 0; i < from->elements; ++i) reply.elements.push_back(CopyOut(from->element[i]));
  } else if (from->str != nullptr) {
    reply.text.assign(from->str, from->len);
  }
  return reply;
}

// A hung host is noticed by the kernel, and children of this process do not inherit the socket. Failing to set an
// option costs detection time only.
void SetSocketOptions(redisContext* context) {
  fcntl(context->fd, F_SETFD, FD_CLOEXEC);
  fcntl(context->fd, F_SETFL, fcntl(context->fd, F_GETFL) | O_NONBLOCK);  // as transports want it
  if (context->connection_type != REDIS_CONN_TCP) return;
  redisEnableKeepAlive(context);
  setsockopt(context->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kTcpUserTimeoutMs, sizeof(kTcpUserTimeoutMs));
}

// As the protocol writes it.
absl::StatusOr<std::string> Formatted(const std::vector<std::string>& command) {
  std::vector<const char*> parts;
  std::vector<size_t> lengths;
  for (const std::string& part : command) {
    parts.push_back(part.data());
    lengths.push_back(part.size());
  }
  char* text = nullptr;
  const int length = redisFormatCommandArgv(&text, static_cast<int>(parts.size()), parts.data(), lengths.data());
  if (length < 0) return absl::ResourceExhaustedError("out of memory for a command to Redis");
  std::string formatted(text, static_cast<size_t>(length));
  redisFreeCommand(text);
  return formatted;
}

// Who we are there: read at each connection, so that a changed password is seen.
absl::StatusOr<Credentials> CredentialsFor(const RedisOptions& options, const RedisAddress& address) {
  Credentials credentials{address.user, address.password};
  if (!options.user.empty()) credentials.user = options.user;
  if (options.password_file.empty()) return credentials;
  const absl::StatusOr<std::string> contents = ReadFile(options.password_file);
  if (!contents.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("the password of Redis: ", contents.status().message(),
                                                      "; redis_options.password_file names the file that holds it"));
  }
  const absl::string_view password = absl::StripAsciiWhitespace(*contents);
  if (password.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("the password of Redis: ", options.password_file,
                                                      " is empty; write the password into it, and nothing else"));
  }
  credentials.password = Secret(std::string(password));
  return credentials;
}

}  // namespace

class RedisConnection::Impl {
 public:
  explicit Impl(RedisOptions options) : options_(std::move(options)), address_(ParseRedisUrl(options_.url)) {
    where_ = address_.ok() ? address_->Describe() : "an address that cannot be read";
  }

  absl::StatusOr<std::vector<RedisReply>> Run(const std::vector<std::vector<std::string>>& commands,
                                              absl::Duration blocking_for);
  absl::StatusOr<RedisReply> Eval(const std::string& script, const std::vector<std::string>& keys,
                                  const std::vector<std::string>& arguments);
  bool connected() const { return transport_ != nullptr; }
  const std::string& where() const { return where_; }

 private:
  absl::Status EnsureConnected();
  absl::Status Connect();
  absl::Status StartTransport();
  absl::Status Introduce();
  // Sends and reads without a look at what the answers mean. `patience` is how long the server may be silent.
  absl::StatusOr<std::vector<RedisReply>> Exchange(const std::vector<std::vector<std::string>>& commands,
                                                   absl::Duration patience);
  absl::StatusOr<RedisReply> ReadReply(absl::Duration patience);
  // The status that an error answer stands for; OK when the caller is to see the reply.
  absl::Status Judge(const RedisReply& reply);
  // What the transport says, as callers are told.
  absl::Status Fault(const absl::Status& status, absl::Duration patience) const;
  // Throws the connection away; `why` is what commands get until the next attempt to connect.
  void Forget(absl::Status why);
  absl::Status Broken(absl::Status status);

  const RedisOptions options_;
  const absl::StatusOr<RedisAddress> address_;
  std::string where_;
  const SystemClock clock_;                                // sockets live in real time
  std::unique_ptr<redisContext, ContextDeleter> context_;  // makes and owns the socket, and reads replies
  std::unique_ptr<Transport> transport_;                   // on that socket; goes before it
  int failures_ = 0;                                       // since the last answer
  absl::Duration next_attempt_ = -absl::InfiniteDuration();
  absl::Status last_fault_;
  absl::flat_hash_map<std::string, std::string> script_names_;  // script -> its name for EVALSHA
};

absl::StatusOr<std::vector<RedisReply>> RedisConnection::Impl::Run(
    const std::vector<std::vector<std::string>>& commands, absl::Duration blocking_for) {
  RETURN_IF_ERROR(EnsureConnected());
  ASSIGN_OR_RETURN(std::vector<RedisReply> replies, Exchange(commands, options_.command_timeout + blocking_for));
  failures_ = 0;
  for (const RedisReply& reply : replies) RETURN_IF_ERROR(Judge(reply));
  return replies;
}

absl::Status RedisConnection::Impl::EnsureConnected() {
  RETURN_IF_ERROR(address_.status());
  if (transport_ != nullptr) {
    // Bytes or an end while no answer is due: the server has closed the connection, or we are out of step.
    if (transport_->Silent()) return absl::OkStatus();
    Forget(absl::UnavailableError(
        absl::StrCat("Redis at ", where_, " closed the connection; is redis-server running there?")));
  }
  if (clock_.Monotonic() < next_attempt_) return last_fault_;
  const absl::Status status = Connect();
  // Counts from the end of the attempt, which may itself have taken the whole time-out.
  next_attempt_ = clock_.Monotonic() + BackoffDelay(kReconnect, failures_ + 1, RandomUnit());
  return status;
}

absl::Status RedisConnection::Impl::Connect() {
  const timeval limit = absl::ToTimeval(options_.connect_timeout);
  context_.reset(address_->socket_path.empty() ? redisConnectWithTimeout(address_->host.c_str(), address_->port, limit)
                                               : redisConnectUnixWithTimeout(address_->socket_path.c_str(), limit));
  if (context_ == nullptr) return Broken(absl::ResourceExhaustedError("out of memory for a Redis connection"));
  if (context_->err != 0) {
    return Broken(absl::UnavailableError(absl::StrCat("cannot connect to Redis at ", where_, ": ", context_->errstr,
                                                      "; is redis-server running there?")));
  }
  SetSocketOptions(context_.get());
  const absl::Status status = StartTransport();
  if (absl::IsDeadlineExceeded(status)) {
    return Broken(absl::UnavailableError(
        absl::StrCat("Redis at ", where_, " did not answer the TLS handshake within ",
                     absl::FormatDuration(options_.connect_timeout),
                     "; is it overloaded, stopped or cut off, or does that port not speak TLS?")));
  }
  if (!status.ok()) return Broken(Fault(status, options_.connect_timeout));
  return Introduce();
}

absl::Status RedisConnection::Impl::StartTransport() {
  if (!address_->tls) {
    transport_ = MakePlainTransport(context_->fd);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(transport_,
                   MakeTlsTransport(context_->fd, {options_.ca_file, options_.certificate_file, options_.key_file},
                                    address_->host, options_.connect_timeout));
  return absl::OkStatus();
}

absl::Status RedisConnection::Impl::Introduce() {
  const absl::StatusOr<Credentials> credentials = CredentialsFor(options_, *address_);
  if (!credentials.ok()) return Broken(credentials.status());
  std::vector<std::vector<std::string>> commands;
  if (!credentials->password.empty()) {
    std::vector<std::string> auth = {"AUTH"};
    if (!credentials->user.empty()) auth.push_back(credentials->user);
    auth.push_back(credentials->password.Reveal());
    commands.push_back(std::move(auth));
  }
  if (address_->database != 0) commands.push_back({"SELECT", std::to_string(address_->database)});
  const size_t must_work = commands.size();
  commands.push_back({"CLIENT", "SETNAME", options_.client_name});  // an ACL may forbid it: no harm
  ASSIGN_OR_RETURN(const std::vector<RedisReply> replies, Exchange(commands, options_.command_timeout));
  for (size_t i = 0; i < must_work; ++i) {
    if (replies[i].kind != RedisReply::Kind::kError) continue;
    absl::Status status = Judge(replies[i]);
    if (status.ok()) {  // "ERR AUTH called without any password configured", "ERR DB index is out of range"
      status = absl::FailedPreconditionError(absl::StrCat("Redis at ", where_, " refuses ", commands[i][0], ": ",
                                                          replies[i].text, "; mend the address in the configuration"));
    }
    return Broken(status);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RedisReply>> RedisConnection::Impl::Exchange(
    const std::vector<std::vector<std::string>>& commands, absl::Duration patience) {
  std::string request;
  for (const std::vector<std::string>& command : commands) {
    ASSIGN_OR_RETURN(const std::string formatted, Formatted(command));
    request += formatted;
  }
  if (const absl::Status sent = transport_->Send(request, patience); !sent.ok()) return Broken(Fault(sent, patience));
  std::vector<RedisReply> replies;
  for (size_t i = 0; i < commands.size(); ++i) {
    absl::StatusOr<RedisReply> reply = ReadReply(patience);
    if (!reply.ok()) return Broken(Fault(reply.status(), patience));
    replies.push_back(*std::move(reply));
  }
  return replies;
}

absl::StatusOr<RedisReply> RedisConnection::Impl::ReadReply(absl::Duration patience) {
  std::array<char, 16384> buffer;
  for (;;) {
    void* raw = nullptr;
    if (redisReaderGetReply(context_->reader, &raw) != REDIS_OK) {
      return absl::UnavailableError(absl::StrCat("its answer cannot be read: ", context_->reader->errstr));
    }
    if (raw != nullptr) return CopyOut(ReplyPtr(static_cast<redisReply*>(raw)).get());
    ASSIGN_OR_RETURN(const size_t got, transport_->Receive(absl::MakeSpan(buffer), patience));
    redisReaderFeed(context_->reader, buffer.data(), got);  // keeps its error for the next question
  }
}

absl::Status RedisConnection::Impl::Judge(const RedisReply& reply) {
  if (reply.kind != RedisReply::Kind::kError) return absl::OkStatus();
  const RedisErrorRule& rule = RuleForRedisError(reply.text);
  if (rule.status == absl::StatusCode::kOk) {
    if (rule.reconnect) Forget(absl::UnavailableError(absl::StrCat("Redis at ", where_, ": ", reply.text)));
    return absl::OkStatus();
  }
  absl::Status status(rule.status, absl::StrCat("Redis at ", where_, ": ", reply.text, " (", rule.advice, ")"));
  return rule.reconnect ? Broken(status) : status;
}

absl::Status RedisConnection::Impl::Fault(const absl::Status& status, absl::Duration patience) const {
  if (absl::IsDeadlineExceeded(status)) {
    return absl::UnavailableError(absl::StrCat("Redis at ", where_, " did not answer within ",
                                               absl::FormatDuration(patience),
                                               "; is it overloaded, stopped or cut off?"));
  }
  if (absl::IsUnavailable(status)) {
    return absl::UnavailableError(absl::StrCat(
        "lost the connection to Redis at ", where_, ": ", status.message(), "; is redis-server running there",
        address_->tls || !address_->socket_path.empty() ? "?" : ", and not with TLS (rediss://)?"));
  }
  return Annotate(status, absl::StrCat("Redis at ", where_));
}

// A context is dead after any fault (queue-notes.md 6.1): thrown away, never mended.
void RedisConnection::Impl::Forget(absl::Status why) {
  transport_.reset();
  context_.reset();
  ++failures_;
  last_fault_ = std::move(why);
}

absl::Status RedisConnection::Impl::Broken(absl::Status status) {
  Forget(status);
  return status;
}

absl::StatusOr<RedisReply> RedisConnection::Impl::Eval(const std::string& script, const std::vector<std::string>& keys,
                                                       const std::vector<std::string>& arguments) {
  std::string& name = script_names_[script];
  if (name.empty()) {
    ASSIGN_OR_RETURN(const std::vector<RedisReply> loaded, Run({{"SCRIPT", "LOAD", script}}, absl::ZeroDuration()));
    if (loaded[0].kind == RedisReply::Kind::kError) return loaded[0];
    name = loaded[0].text;
  }
  std::vector<std::string> command = {"EVALSHA", name, std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(std::vector<RedisReply> replies, Run({command}, absl::ZeroDuration()));
  if (replies[0].kind == RedisReply::Kind::kError && absl::StartsWith(replies[0].text, "NOSCRIPT")) {
    command[0] = "EVAL";
    command[1] = script;
    ASSIGN_OR_RETURN(replies, Run({command}, absl::ZeroDuration()));
  }
  return std::move(replies[0]);
}

RedisConnection::RedisConnection(RedisOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

RedisConnection::~RedisConnection() = default;

absl::StatusOr<RedisReply> RedisConnection::Command(const std::vector<std::string>& arguments,
                                                    absl::Duration blocking_for) {
  ASSIGN_OR_RETURN(std::vector<RedisReply> replies, impl_->Run({arguments}, blocking_for));
  return std::move(replies[0]);
}

absl::StatusOr<std::vector<RedisReply>> RedisConnection::Pipeline(
    const std::vector<std::vector<std::string>>& commands) {
  return impl_->Run(commands, absl::ZeroDuration());
}

absl::StatusOr<RedisReply> RedisConnection::Eval(const std::string& script, const std::vector<std::string>& keys,
                                                 const std::vector<std::string>& arguments) {
  return impl_->Eval(script, keys, arguments);
}

bool RedisConnection::connected() const { return impl_->connected(); }

const std::string& RedisConnection::address() const { return impl_->where(); }

absl::StatusOr<RedisReply> NoError(absl::StatusOr<RedisReply> reply) {
  if (reply.ok() && reply->kind == RedisReply::Kind::kError) {
    return absl::InternalError(absl::StrCat("Redis answers with an error: ", reply->text));
  }
  return reply;
}

}  // namespace tikhaul
