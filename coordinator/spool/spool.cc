#include "coordinator/spool/spool.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace tikhaul {

absl::StatusOr<std::unique_ptr<SpoolPool>> SpoolPool::Open(SpoolOptions options) {
  if (mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the spool folder ", options.directory, ": ", std::strerror(errno),
                     "; make it or set coordinator.spool_dir to a folder this user may write"));
  }
  ASSIGN_OR_RETURN(SpoolFile trial, SpoolFile::Open(options.directory));
  RETURN_IF_ERROR(trial.Append("trial").status());
  return std::unique_ptr<SpoolPool>(new SpoolPool(std::move(options)));
}

std::unique_ptr<ChunkSpool> SpoolPool::NewSpool() { return std::unique_ptr<ChunkSpool>(new ChunkSpool(*this)); }

uint64_t SpoolPool::memory_used() const {
  MutexLock lock(mu_);
  return memory_used_;
}

uint64_t SpoolPool::disk_used() const {
  MutexLock lock(mu_);
  return disk_used_;
}

bool SpoolPool::TakeMemory(uint64_t bytes) {
  MutexLock lock(mu_);
  if (bytes > options_.memory_bytes - memory_used_) return false;
  memory_used_ += bytes;
  return true;
}

bool SpoolPool::TakeDisk(uint64_t bytes) {
  MutexLock lock(mu_);
  if (bytes > options_.disk_bytes - disk_used_) return false;
  disk_used_ += bytes;
  return true;
}

void SpoolPool::Return(uint64_t memory, uint64_t disk) {
  MutexLock lock(mu_);
  memory_used_ -= memory;
  disk_used_ -= disk;
}

ChunkSpool::~ChunkSpool() {
  const uint64_t memory = memory_bytes_, disk = disk_bytes_;
  entries_.clear();
  file_.reset();
  pool_.Return(memory, disk);  // after the bytes themselves are free
}

absl::Status ChunkSpool::Append(RowBatch batch) {
  const uint64_t rows = batch.rows, bytes = batch.ByteSize();
  if (pool_.TakeMemory(bytes)) {
    memory_bytes_ += bytes;
    entries_.push_back({std::move(batch), {}});
  } else {
    RETURN_IF_ERROR(AppendToDisk(batch));
  }
  rows_ += rows;
  return absl::OkStatus();
}

absl::Status ChunkSpool::AppendToDisk(const RowBatch& batch) {
  const std::string frame = EncodeRowBatch(batch);
  if (!pool_.TakeDisk(frame.size())) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the spool is full: ", pool_.disk_used(), " of ", pool_.options().disk_bytes, " bytes on disk in ",
        pool_.options().directory,
        " hold rows that wait for their chunks to end; raise coordinator.spool_disk_bytes or run fewer worker slots"));
  }
  const auto append = [&]() -> absl::StatusOr<SpoolFile::Frame> {
    if (!file_.has_value()) {
      ASSIGN_OR_RETURN(file_, SpoolFile::Open(pool_.options().directory));
    }
    return file_->Append(frame);
  };
  const absl::StatusOr<SpoolFile::Frame> written = append();
  if (!written.ok()) {
    pool_.Return(0, frame.size());
    return Annotate(written.status(), absl::StrCat("spool in ", pool_.options().directory));
  }
  disk_bytes_ += frame.size();
  entries_.push_back({std::nullopt, *written});
  return absl::OkStatus();
}

absl::StatusOr<const RowBatch*> ChunkSpool::Reader::Next() {
  if (next_ == spool_.entries_.size()) return nullptr;
  const Entry& entry = spool_.entries_[next_];
  if (!entry.batch.has_value()) {
    ASSIGN_OR_RETURN(const std::string bytes, spool_.file_->Read(entry.frame));
    ASSIGN_OR_RETURN(from_disk_, DecodeRowBatch(bytes));
  }
  ++next_;
  return entry.batch.has_value() ? &*entry.batch : &from_disk_;
}

}  // namespace tikhaul
