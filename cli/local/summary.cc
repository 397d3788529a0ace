#include "cli/local/summary.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

struct ExtractSum {
  std::string extract;
  v1::ChunkCounts chunks;
  uint64_t rows = 0;
  uint64_t calls = 0;
  bool all_existed = true;
  std::set<std::string> states;
};

// What was done before counts only until there is a run of now.
void AddRun(const v1::Run& run, ExtractSum& sum) {
  if (run.existed() && !sum.all_existed) return;
  if (!run.existed() && sum.all_existed) {
    const std::string extract = sum.extract;
    sum = ExtractSum();
    sum.extract = extract;
    sum.all_existed = false;
  }
  v1::ChunkCounts& chunks = sum.chunks;
  chunks.set_ready(chunks.ready() + run.chunks().ready());
  chunks.set_running(chunks.running() + run.chunks().running());
  chunks.set_done(chunks.done() + run.chunks().done());
  chunks.set_dead(chunks.dead() + run.chunks().dead());
  sum.rows += run.rows();
  sum.calls += run.calls();
  sum.states.insert(run.state());
}

// The least good state of its runs.
std::string StateOf(const ExtractSum& sum) {
  for (const char* state : {"running", "partial", "cancelled"}) {
    if (sum.states.contains(state)) return std::string(state) == "running" ? "not finished" : state;
  }
  return sum.all_existed ? "already done" : "done";
}

std::vector<ExtractSum> SumByExtract(const Runs& runs) {
  std::vector<ExtractSum> sums;
  for (const v1::Run& run : runs) {
    auto found =
        std::find_if(sums.begin(), sums.end(), [&](const ExtractSum& sum) { return sum.extract == run.extract(); });
    if (found == sums.end()) {
      found = sums.insert(sums.end(), ExtractSum());
      found->extract = run.extract();
    }
    AddRun(run, *found);
  }
  return sums;
}

}  // namespace

std::string SummaryTable(const Runs& runs, const v1::PlanResponse& plan) {
  std::map<std::string, uint64_t> advertisers;
  for (const v1::PlanLine& line : plan.lines()) advertisers[line.extract()] = line.advertisers();
  TextTable table({{"extract"}, {"advertisers", true}, {"chunks", true}, {"rows", true}, {"calls", true}, {"state"}});
  for (const ExtractSum& sum : SumByExtract(runs)) {
    const uint64_t count = advertisers[sum.extract];
    table.Add({sum.extract, count == 0 ? "-" : WithThousands(count), ChunksDone(sum.chunks), WithThousands(sum.rows),
               WithThousands(sum.calls), StateOf(sum)});
  }
  return table.Render();
}

std::vector<std::string> DeadLetterLines(const v1::ListDeadLettersResponse& letters) {
  struct Group {
    uint64_t chunks = 0;
    const v1::DeadLetter* first = nullptr;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;
  for (const v1::DeadLetter& letter : letters.dead_letters()) {
    Group& group = groups[{letter.extract(), letter.reason()}];
    if (group.chunks++ == 0) group.first = &letter;
  }
  std::vector<std::string> lines;
  for (const auto& [key, group] : groups) {
    lines.push_back(
        Printable(absl::StrCat("dead     ", Counted(group.chunks, "chunk"), " of ", key.first, " (", key.second,
                               ", code ", group.first->code(), "): ", group.first->message(),
                               "; mend the cause, then `tikhaul local --once --retry`, or while a coordinator runs ",
                               "`tikhaul retry --extract ", key.first, " --reason ", key.second, "`")));
  }
  return lines;
}

}  // namespace tikhaul
