// First answers to calls with idempotency keys.
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {

absl::StatusOr<std::optional<KeptAnswer>> SqlReader::GetAnswer(const std::string& key) {
  return ReadOne<KeptAnswer>(
      db_.Query("SELECT idempotency_key, call, request, answer, kept_at FROM tikhaul_answer WHERE idempotency_key = ?",
                key),
      [](SqlRow& row) {
        KeptAnswer answer;
        row.Read(answer.key, answer.call, answer.request, answer.answer, answer.kept);
        return answer;
      });
}

absl::Status SqlWriter::PutAnswer(const KeptAnswer& answer) {
  return db_
      .Execute(PutSql("tikhaul_answer", {"idempotency_key"}, {"call", "request", "answer", "kept_at"}), answer.key,
               answer.call, answer.request, answer.answer, Instant{answer.kept})
      .status();
}

absl::Status SqlWriter::ForgetAnswers(absl::Time before) {
  return db_.Execute("DELETE FROM tikhaul_answer WHERE kept_at < ?", Instant{before}).status();
}

}  // namespace tikhaul
