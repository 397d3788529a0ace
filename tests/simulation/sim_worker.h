// A worker process with one slot: takes a hint, claims, reads pages of the simulated API, streams rows. A model of the
// shipped worker as a coordinator sees it, with all the ways in which it can fail.
#ifndef TIKHAUL_TESTS_SIMULATION_SIM_WORKER_H_
#define TIKHAUL_TESTS_SIMULATION_SIM_WORKER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/sim_api.h"
#include "tests/simulation/sim_coordinator.h"
#include "tests/simulation/sim_hints.h"
#include "tests/simulation/sim_stream.h"

namespace tikhaul {

// The API as workers meet it now.
struct ApiWeather {
  SimApi truth;
  std::map<std::string, bool> token_bad;                                  // by connection
  std::map<std::string, bool> access_closed;                              // by advertiser
  int64_t longest_days = 1000;                                            // requests of more are too big
  std::vector<std::pair<std::string, absl::CivilDay>> permanent, deadly;  // refused for good; kill their workers
};

class SimWorker final : public Process {
 public:
  SimWorker(std::string name, World& world, SimHints& hints, ApiWeather& api, Auditor& auditor,
            std::vector<std::unique_ptr<SimCoordinator>>& coordinators, absl::Time began);

  void Start();
  void Bury() override;
  void BreakStream() {
    if (stream_ != nullptr) stream_->Break();
  }
  bool busy() const { return stream_ != nullptr; }

 private:
  void Do(absl::Duration delay, std::function<void()> what);
  void Poll();
  void Claim();
  SimCoordinator& CoordinatorAt(const std::string& address);  // any, when nobody has it
  void OnResponse(uint64_t stream, const v1::ExtractResponse& response);
  void OnClosed(uint64_t stream);
  void Begin(const v1::Granted& granted);
  void ReadPage();
  // True: the attempt has ended, or the page must be asked again.
  bool MeetsFault();
  void SendPage(const std::vector<ApiRow>& page);
  void Finish(size_t rows_now);
  void Fail(FailureClass failure_class, int code, bool blame);
  void Send(v1::ExtractRequest request);
  void SpendHint();
  void Leave();
  bool IsOf(const std::vector<std::pair<std::string, absl::CivilDay>>& days) const;

  World& world_;
  SimHints& hints_;
  ApiWeather& api_;
  Auditor& auditor_;
  std::vector<std::unique_ptr<SimCoordinator>>& coordinators_;
  const absl::Time began_;

  std::optional<SimHints::Entry> hint_;
  std::shared_ptr<SimStream> stream_;
  uint64_t streams_ = 0;  // names the present one
  bool finished_ = false;

  // The chunk under way.
  v1::ReadPlan plan_;
  uint64_t epoch_ = 0;
  absl::CivilDay first_, last_;
  absl::Time read_from_;
  size_t promised_ = 0, page_ = 0, sent_ = 0;
  uint64_t sequence_ = 0, calls_ = 0;
  std::vector<ApiRow> rows_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_SIM_WORKER_H_
