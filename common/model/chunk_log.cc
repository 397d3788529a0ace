#include "common/model/chunk_log.h"

#include <vector>

namespace tikhaul {

ChunkLabel LabelOf(const Chunk& chunk, const std::string& request_id) {
  return {.chunk = chunk.id,
          .epoch = chunk.epoch,
          .extract = chunk.extract,
          .advertiser = chunk.advertiser,
          .request_id = request_id};
}

void LogChunk(LogLevel level, absl::string_view event, const ChunkLabel& label,
              std::initializer_list<LogField> fields) {
  if (!WillLog(level)) return;
  std::vector<LogField> all;
  if (label.chunk != 0) {
    all = {
        {"chunk", label.chunk}, {"epoch", label.epoch}, {"extract", label.extract}, {"advertiser", label.advertiser}};
  }
  all.emplace_back("request_id", label.request_id);
  all.insert(all.end(), fields.begin(), fields.end());
  Log(level, event, all);
}

}  // namespace tikhaul
