// Seats: who has which shard, and who leads.
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {

absl::StatusOr<Seat> SqlReader::GetSeat(int number) {
  ASSIGN_OR_RETURN(
      const std::optional<Seat> seat,
      ReadOne<Seat>(db_.Query("SELECT term, member FROM tikhaul_seat WHERE number = ?", number), [](SqlRow& row) {
        Seat seat;
        row.Read(seat.term, seat.member);
        return seat;
      }));
  if (seat.has_value()) return *seat;
  return absl::DataLossError(absl::StrCat("seat ", number, " is not in tikhaul_seat: restore the store from a backup"));
}

absl::Status SqlWriter::PutSeat(int number, const Seat& seat) {
  return db_.Execute("UPDATE tikhaul_seat SET term = ?, member = ? WHERE number = ?", seat.term, seat.member, number)
      .status();
}

}  // namespace tikhaul
