-- First answers to calls of the admin service that carried an idempotency key, given again when the call comes again.
CREATE TABLE tikhaul_answer (
  idempotency_key TEXT COLLATE "C" PRIMARY KEY,
  call TEXT COLLATE "C" NOT NULL,     -- name of the request's message
  request TEXT COLLATE "C" NOT NULL,  -- its digest
  answer TEXT COLLATE "C" NOT NULL,   -- JSON
  kept_at TEXT COLLATE "C"
);
CREATE INDEX tikhaul_answer_age ON tikhaul_answer (kept_at);
