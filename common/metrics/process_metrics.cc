#include "common/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/base/clock.h"
#include "common/base/version.h"

namespace tikhaul {
namespace {

// The second number of /proc/self/statm, in pages.
double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double CpuSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(used.ru_utime) + absl::DurationFromTimeval(used.ru_stime));
}

double OpenFiles() {
  std::error_code fault;
  double count = -1;  // the folder itself
  for (std::filesystem::directory_iterator entry("/proc/self/fd", fault), end; !fault && entry != end;
       entry.increment(fault)) {
    ++count;
  }
  return count;
}

}  // namespace

void AddProcessMetrics(MetricSet& metrics, const std::string& revision) {
  metrics.AddGauges("tikhaul_build_info", "Always 1; the labels say what runs.", {"version", "revision"})
      .With({kVersion, revision})
      .Set(1);
  metrics.AddGauge("tikhaul_process_start_time_seconds", "When the process started, in seconds since 1970.")
      .Set(absl::ToDoubleSeconds(SystemClock().Now() - absl::UnixEpoch()));
  const Gauge memory = metrics.AddGauge("tikhaul_process_resident_memory_bytes", "Memory that the process occupies.");
  const Gauge files = metrics.AddGauge("tikhaul_process_open_files", "Files, sockets and pipes that are open.");
  const Counter cpu = metrics.AddCounter("tikhaul_process_cpu_seconds_total", "CPU time that the process has used.");
  metrics.BeforeRead([memory, files, cpu] {
    memory.Set(ResidentBytes());
    files.Set(OpenFiles());
    cpu.Add(CpuSeconds() - cpu.value());
  });
}

}  // namespace tikhaul
