// A store in PostgreSQL, seen by tests as a store in SQLite: so that both are judged by the same questions.
#ifndef TIKHAUL_TESTS_SUPPORT_POSTGRES_MIRROR_H_
#define TIKHAUL_TESTS_SUPPORT_POSTGRES_MIRROR_H_

#include <string>

namespace tikhaul {

// Copies every table of the schema, as one snapshot shows it, into a new SQLite file, with the same primary keys and
// the forms of values that the SQLite store uses. A failure fails the test.
void MirrorPostgres(const std::string& url, const std::string& schema, const std::string& path);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_POSTGRES_MIRROR_H_
