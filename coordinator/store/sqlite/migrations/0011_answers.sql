-- First answers to calls of the admin service that carried an idempotency key, given again when the call comes again.
CREATE TABLE tikhaul_answer (
  idempotency_key TEXT PRIMARY KEY,
  call TEXT NOT NULL,     -- name of the request's message
  request TEXT NOT NULL,  -- its digest
  answer TEXT NOT NULL,   -- JSON
  kept_at TEXT
) WITHOUT ROWID;
CREATE INDEX tikhaul_answer_age ON tikhaul_answer (kept_at);
