// The calendar of an extract: a letter for each advertiser and day.
#ifndef TIKHAUL_COORDINATOR_ADMIN_CALENDAR_H_
#define TIKHAUL_COORDINATOR_ADMIN_CALENDAR_H_

#include "absl/status/status.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// INVALID_ARGUMENT for extracts without days, wrong days and more than 4,000 of them; NOT_FOUND for extracts and
// advertisers that nobody knows. The number of statements does not grow with the advertisers.
absl::Status FillCalendar(StoreReader& reader, const ExtractRegistry& extracts, const v1::GetCalendarRequest& request,
                          v1::GetCalendarResponse* response);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_ADMIN_CALENDAR_H_
