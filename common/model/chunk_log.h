// Log events about chunks. All of them name the chunk in the same way, so that its story can be followed over processes
// by one id (docs/logs.md).
#ifndef TIKHAUL_COMMON_MODEL_CHUNK_LOG_H_
#define TIKHAUL_COMMON_MODEL_CHUNK_LOG_H_

#include <initializer_list>
#include <string>

#include "common/base/log.h"
#include "common/model/chunk.h"

namespace tikhaul {

// What is not known yet is 0 or empty: before its grant a worker knows a chunk by its number alone.
struct ChunkLabel {
  ChunkId chunk = 0;
  uint64_t epoch = 0;
  std::string extract = {};
  std::string advertiser = {};
  std::string request_id = {};  // of the API's answer that this is about, or the last one
};

ChunkLabel LabelOf(const Chunk& chunk, const std::string& request_id = "");

// As Log(), with the label's members as fields in front of the others; of what is about no chunk, request_id alone.
void LogChunk(LogLevel level, absl::string_view event, const ChunkLabel& label,
              std::initializer_list<LogField> fields = {});

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_CHUNK_LOG_H_
