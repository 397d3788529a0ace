-- What the API said of when an advertiser was active (common/model/activity.h). Days are TEXT 'YYYY-MM-DD'.
CREATE TABLE tikhaul_activity (
  advertiser TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  active INTEGER NOT NULL,
  exact INTEGER NOT NULL,
  asked_at TEXT,
  request_id TEXT NOT NULL,
  PRIMARY KEY (advertiser, first_day)
) WITHOUT ROWID;

-- 1: no chunk read the window; totals of zero, asked for under request_ids, prove that it has no rows.
ALTER TABLE tikhaul_ledger ADD COLUMN by_probe INTEGER NOT NULL DEFAULT 0;
