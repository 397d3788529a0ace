// Reads one chunk by an asynchronous report (tiktok-api.md 5): makes the task, looks whether it is done, and decodes
// its text while it comes.
#ifndef TIKHAUL_WORKER_TASK_READER_H_
#define TIKHAUL_WORKER_TASK_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "worker/chunk_reader.h"
#include "worker/csv_decoder.h"
#include "worker/page_source.h"
#include "worker/text_pipe.h"

namespace tikhaul {

// Every look costs a call, so they grow rarer; the sheet does not say how long a task takes.
struct TaskPolicy {
  absl::Duration first_look = absl::Seconds(3);
  absl::Duration longest_pause = absl::Seconds(60);  // between looks, which double until then
  absl::Duration patience = absl::Hours(1);          // from making the task on
};

// All references are borrowed and must outlive the reader; answers arrive in `inbox`. A task that fails, is cancelled,
// lost or never done is a transient fault: the next owner of the chunk makes another. The rows are proved by their
// number alone, which the coordinator holds against their distinct keys: a task promises no total.
class TaskReader : public ChunkReader {
 public:
  TaskReader(const v1::ReadPlan& plan, Secret token, CsvDecoder decoder, PageSource& source, MemoryBudget& budget,
             ChunkInbox& inbox, const Clock& clock, TaskPolicy policy);
  ~TaskReader() override;  // Abandon()
  TaskReader(const TaskReader&) = delete;
  TaskReader& operator=(const TaskReader&) = delete;

  std::optional<ApiFault> Advance(std::deque<ReadyBatch>* batches) override;
  absl::Duration NextAdvance() const override;
  std::optional<ApiFault> Accept(ArrivedPage page, std::deque<ReadyBatch>* batches) override;
  void Abandon() override;
  bool Done() const override { return stage_ == Stage::kDone; }
  uint64_t pages() const override { return stage_ == Stage::kDone ? 1 : 0; }
  uint64_t calls() const override { return calls_; }
  absl::Duration call_time() const override { return call_time_; }
  bool WaitsForQuota() const override { return asked_.has_value() && !source_.IsUnderWay(*asked_); }
  bool WaitsForTask() const override { return stage_ == Stage::kWait; }
  void Describe(v1::Finish* finish) const override;

 private:
  enum class Stage { kCreate, kWait, kDownload, kDone };

  void Send(ApiCall call);
  ApiCall CallOf(const std::string& path) const;
  void StartDownload();
  std::optional<ApiFault> TakeCreated(ApiAnswer& answer);
  std::optional<ApiFault> TakeStatus(ApiAnswer& answer);
  std::optional<ApiFault> TakeEnd(ApiAnswer& answer);
  std::optional<ApiFault> TakeFault(ApiFault fault);
  std::optional<ApiFault> DecodeText(std::deque<ReadyBatch>* batches);
  ApiFault FaultOf(const absl::Status& status, FailureClass failure_class) const;
  void WaitMore();

  const v1::ReportTask task_;
  const std::string connection_;
  const bool increment_;
  const std::string advertiser_;
  const Secret token_;
  CsvDecoder decoder_;
  PageSource& source_;
  MemoryBudget& budget_;
  ChunkInbox& inbox_;
  const Clock& clock_;
  const TaskPolicy policy_;
  const std::shared_ptr<TextPipe> pipe_;
  Stage stage_ = Stage::kCreate;
  std::optional<uint64_t> asked_;  // the call under way
  bool text_is_whole_ = false;     // though perhaps still in the pipe
  MemoryBudget::Lease lease_;      // of the pipe and the batch that is not full
  std::string task_id_;
  absl::Duration made_at_, next_look_, pause_;
  uint64_t calls_ = 0;
  absl::Duration call_time_;
  std::vector<std::string> request_ids_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_TASK_READER_H_
