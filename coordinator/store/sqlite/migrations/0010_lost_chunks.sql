-- When the reading of an entry's rows began.
ALTER TABLE tikhaul_ledger ADD COLUMN claimed_at TEXT;
-- Chunks that had a worker and lost it, in dispatch order within each lane: they go before the others.
CREATE INDEX tikhaul_chunk_lost ON tikhaul_chunk (run_id, connection, state, priority, last_day DESC, id)
  WHERE state = 'ready' AND deliveries > 0 AND (last_failure IS NULL OR last_failure = 'crash');
