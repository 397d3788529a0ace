// The calendar of an extract as text: a line per advertiser.
#ifndef TIKHAUL_CLI_CALENDAR_TEXT_H_
#define TIKHAUL_CLI_CALENDAR_TEXT_H_

#include <string>

#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// What one letter of a line stands for: the worst day of it.
enum class CalendarScale { kDay, kWeek, kMonth };  // weeks begin on Monday

// The finest scale of which a line fits into `columns`; months when none does.
CalendarScale ScaleThatFits(const v1::GetCalendarResponse& calendar, int columns);

// Legend, months or years, a line for each advertiser, then the holes with the command that mends each. Days that
// nobody can read are left to the caller: `calendar` has a range.
std::string CalendarText(const v1::GetCalendarResponse& calendar, const std::string& extract, CalendarScale scale);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_CALENDAR_TEXT_H_
