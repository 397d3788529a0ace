-- The newest comparison of an extract's rows with the API's own figures (`tikhaul verify`).
CREATE TABLE tikhaul_verification (
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  verified_at TEXT,
  first_day TEXT,
  last_day TEXT,
  equal INTEGER NOT NULL,
  explained INTEGER NOT NULL,
  flagged INTEGER NOT NULL,
  PRIMARY KEY (extract, advertiser)
) WITHOUT ROWID;
