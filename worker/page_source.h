// Where pages come from: the transport, or a test's script.
#ifndef TIKHAUL_WORKER_PAGE_SOURCE_H_
#define TIKHAUL_WORKER_PAGE_SOURCE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "common/tiktok/client.h"

namespace tikhaul {

// The part of ApiTransport that the page reader uses; the contract of each function is the transport's. Thread-safe.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual uint64_t Send(ApiCall call, std::function<void(ApiTransport::Result)> done) = 0;
  virtual void Cancel(uint64_t id) = 0;
  virtual void Resume(uint64_t id) = 0;
  virtual bool IsUnderWay(uint64_t id) const = 0;
};

// `transport` is borrowed.
class TransportPageSource : public PageSource {
 public:
  explicit TransportPageSource(ApiTransport& transport) : transport_(transport) {}
  uint64_t Send(ApiCall call, std::function<void(ApiTransport::Result)> done) override {
    return transport_.Send(std::move(call), {}, std::move(done));
  }
  void Cancel(uint64_t id) override { transport_.Cancel(id); }
  void Resume(uint64_t id) override { transport_.Resume(id); }
  bool IsUnderWay(uint64_t id) const override { return transport_.IsUnderWay(id); }

 private:
  ApiTransport& transport_;
};

// The source of one chunk: its calls say so in the log. `source` is borrowed.
class LabelledPageSource : public PageSource {
 public:
  LabelledPageSource(PageSource& source, ChunkLabel label) : source_(source), label_(std::move(label)) {}
  uint64_t Send(ApiCall call, std::function<void(ApiTransport::Result)> done) override {
    call.label = label_;
    return source_.Send(std::move(call), std::move(done));
  }
  void Cancel(uint64_t id) override { source_.Cancel(id); }
  void Resume(uint64_t id) override { source_.Resume(id); }
  bool IsUnderWay(uint64_t id) const override { return source_.IsUnderWay(id); }

 private:
  PageSource& source_;
  const ChunkLabel label_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_PAGE_SOURCE_H_
