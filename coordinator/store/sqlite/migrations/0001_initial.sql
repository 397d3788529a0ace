-- Days are TEXT 'YYYY-MM-DD', instants TEXT 'YYYY-MM-DDTHH:MM:SSZ'. Columns that end in _us are instants in microseconds
-- since 1970 UTC, where the dispatcher needs more than seconds. Windows of kind 'whole' have no days (NULL).

CREATE TABLE tikhaul_meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE tikhaul_extract (
  name TEXT PRIMARY KEY,
  table_name TEXT NOT NULL,
  spec TEXT NOT NULL,
  version INTEGER NOT NULL,
  shape_key TEXT NOT NULL
) WITHOUT ROWID;

-- The row tables. `columns` names and types the columns in their order, for people: "stat_time_day date key, ...".
CREATE TABLE tikhaul_table (
  name TEXT PRIMARY KEY,
  mode TEXT NOT NULL,
  columns TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE tikhaul_advertiser (
  id TEXT PRIMARY KEY,
  connection TEXT NOT NULL,
  name TEXT NOT NULL,
  timezone TEXT NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at TEXT
) WITHOUT ROWID;

CREATE TABLE tikhaul_run (
  id TEXT PRIMARY KEY,
  extract TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  request TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  created_at TEXT,
  finished_at TEXT
) WITHOUT ROWID;

CREATE TABLE tikhaul_chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL,
  extract TEXT NOT NULL,
  connection TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  window_kind TEXT NOT NULL,
  first_day TEXT,
  last_day TEXT,
  state TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  not_before_us INTEGER,
  transient_attempts INTEGER NOT NULL,
  drift_attempts INTEGER NOT NULL,
  crash_attempts INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  owner TEXT NOT NULL,
  last_failure TEXT,
  last_error TEXT NOT NULL,
  parent INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  hinted_at_us INTEGER
);
CREATE INDEX tikhaul_chunk_run ON tikhaul_chunk (run_id);
CREATE INDEX tikhaul_chunk_running ON tikhaul_chunk (state) WHERE state = 'running';
CREATE INDEX tikhaul_chunk_dead ON tikhaul_chunk (state) WHERE state = 'dead';
CREATE INDEX tikhaul_chunk_window ON tikhaul_chunk (advertiser, extract, last_day, first_day);
-- In dispatch order within each lane (run and connection); holds all that dispatch asks (`state` too, or SQLite would look
-- it up), so that chunks which may not run now are skipped without touching the table.
CREATE INDEX tikhaul_chunk_ready ON tikhaul_chunk
  (run_id, connection, priority, last_day DESC, id, not_before_us, hinted_at_us, advertiser, state) WHERE state = 'ready';
CREATE INDEX tikhaul_chunk_waiting ON tikhaul_chunk (not_before_us, run_id, state)
  WHERE state = 'ready' AND not_before_us IS NOT NULL;

-- How many chunks of a run and connection are in each state, kept by the triggers below: nobody counts a million chunks.
CREATE TABLE tikhaul_chunk_count (
  run_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  extract TEXT NOT NULL,
  ready INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  split INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, connection)
) WITHOUT ROWID;
CREATE INDEX tikhaul_chunk_count_ready ON tikhaul_chunk_count (run_id, connection) WHERE ready > 0;

CREATE TRIGGER tikhaul_chunk_inserted AFTER INSERT ON tikhaul_chunk BEGIN
  INSERT INTO tikhaul_chunk_count (run_id, connection, extract, ready, running, done, split, cancelled, dead, calls)
    VALUES (NEW.run_id, NEW.connection, NEW.extract, NEW.state = 'ready', NEW.state = 'running', NEW.state = 'done',
            NEW.state = 'split', NEW.state = 'cancelled', NEW.state = 'dead', NEW.calls)
    ON CONFLICT DO UPDATE SET ready = ready + excluded.ready, running = running + excluded.running,
      done = done + excluded.done, split = split + excluded.split, cancelled = cancelled + excluded.cancelled,
      dead = dead + excluded.dead, calls = calls + excluded.calls;
END;

CREATE TRIGGER tikhaul_chunk_updated AFTER UPDATE OF state, calls, connection ON tikhaul_chunk
WHEN OLD.state <> NEW.state OR OLD.calls <> NEW.calls OR OLD.connection <> NEW.connection BEGIN
  UPDATE tikhaul_chunk_count SET ready = ready - (OLD.state = 'ready'), running = running - (OLD.state = 'running'),
      done = done - (OLD.state = 'done'), split = split - (OLD.state = 'split'),
      cancelled = cancelled - (OLD.state = 'cancelled'), dead = dead - (OLD.state = 'dead'), calls = calls - OLD.calls
    WHERE run_id = OLD.run_id AND connection = OLD.connection;
  INSERT INTO tikhaul_chunk_count (run_id, connection, extract, ready, running, done, split, cancelled, dead, calls)
    VALUES (NEW.run_id, NEW.connection, NEW.extract, NEW.state = 'ready', NEW.state = 'running', NEW.state = 'done',
            NEW.state = 'split', NEW.state = 'cancelled', NEW.state = 'dead', NEW.calls)
    ON CONFLICT DO UPDATE SET ready = ready + excluded.ready, running = running + excluded.running,
      done = done + excluded.done, split = split + excluded.split, cancelled = cancelled + excluded.cancelled,
      dead = dead + excluded.dead, calls = calls + excluded.calls;
END;

-- One entry per committed chunk: why its window is believed to be complete.
CREATE TABLE tikhaul_ledger (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chunk INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  window_kind TEXT NOT NULL,
  first_day TEXT,
  last_day TEXT,
  epoch INTEGER NOT NULL,
  promised_rows INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  distinct_keys INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  digest TEXT NOT NULL,
  request_ids TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  worker TEXT NOT NULL,
  finality TEXT NOT NULL,
  committed_at TEXT,
  inserted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL
);
CREATE INDEX tikhaul_ledger_newest ON tikhaul_ledger (last_day DESC, committed_at DESC, id DESC);
CREATE INDEX tikhaul_ledger_pair ON tikhaul_ledger (extract, advertiser, last_day DESC, committed_at DESC, id DESC);
CREATE INDEX tikhaul_ledger_recent ON tikhaul_ledger (extract, advertiser);

CREATE TABLE tikhaul_run_rows (
  run_id TEXT PRIMARY KEY,
  rows INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER tikhaul_ledger_inserted AFTER INSERT ON tikhaul_ledger BEGIN
  INSERT INTO tikhaul_run_rows (run_id, rows) VALUES (NEW.run_id, NEW.rows)
    ON CONFLICT DO UPDATE SET rows = rows + excluded.rows;
END;

-- Days that are committed. Intervals of one extract and advertiser neither touch nor overlap.
CREATE TABLE tikhaul_coverage (
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  PRIMARY KEY (extract, advertiser, first_day)
) WITHOUT ROWID;

CREATE TABLE tikhaul_cursor (
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  first_day TEXT NOT NULL,
  through_day TEXT,
  cursor_day TEXT,
  updated_at TEXT,
  PRIMARY KEY (extract, advertiser)
) WITHOUT ROWID;

CREATE TABLE tikhaul_dead_letter (
  chunk INTEGER PRIMARY KEY,
  reason TEXT NOT NULL,
  code INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  message TEXT NOT NULL,
  request_id TEXT NOT NULL,
  exchange TEXT NOT NULL,
  died_at TEXT
);

CREATE TABLE tikhaul_pause (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  automatic INTEGER NOT NULL,
  since TEXT,
  PRIMARY KEY (scope, name)
) WITHOUT ROWID;

CREATE TABLE tikhaul_block (
  advertiser TEXT NOT NULL,
  extract TEXT NOT NULL,
  reason TEXT NOT NULL,
  since TEXT,
  retry_at TEXT,
  PRIMARY KEY (advertiser, extract)
) WITHOUT ROWID;

CREATE TABLE tikhaul_drift (
  extract TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_seen TEXT,
  last_seen TEXT,
  PRIMARY KEY (extract, name, kind)
) WITHOUT ROWID;

CREATE TABLE tikhaul_quota_used (
  app TEXT NOT NULL,
  utc_day TEXT NOT NULL,
  calls INTEGER NOT NULL,
  last_minute INTEGER NOT NULL,
  recorded_us INTEGER,
  PRIMARY KEY (app, utc_day)
) WITHOUT ROWID;
