-- What the API has changed of figures it had given before: one row per read and day on which something changed, and beside
-- it one per metric. Sums are exact decimals as text.
CREATE TABLE tikhaul_restatement (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  day TEXT NOT NULL,
  run_id TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  settled_at TEXT NOT NULL,
  age_days INTEGER NOT NULL,
  finality_before TEXT NOT NULL,
  inserted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  removed INTEGER NOT NULL
);
CREATE INDEX tikhaul_restatement_pair ON tikhaul_restatement (extract, advertiser, settled_at);
CREATE INDEX tikhaul_restatement_newest ON tikhaul_restatement (day DESC, settled_at DESC, id DESC);

CREATE TABLE tikhaul_restatement_metric (
  restatement INTEGER NOT NULL,
  metric TEXT NOT NULL,
  rows INTEGER NOT NULL,
  filled INTEGER NOT NULL,
  sum_before TEXT,
  sum_after TEXT,
  difference TEXT,
  moved TEXT,
  PRIMARY KEY (restatement, metric)
) WITHOUT ROWID;

-- For people: one row per read, day and metric.
CREATE VIEW tikhaul_restatements AS
  SELECT extract, advertiser, day, settled_at, age_days, finality_before, inserted, updated, removed, metric, rows, filled,
    sum_before, sum_after, difference, moved, run_id, chunk, epoch
  FROM tikhaul_restatement LEFT JOIN tikhaul_restatement_metric ON restatement = id;
