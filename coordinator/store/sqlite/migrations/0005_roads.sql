-- The road by which chunks of an extract and advertiser must be read, as reading them has shown (store.h, GetRoad).
CREATE TABLE tikhaul_road (
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  extract_version INTEGER NOT NULL,
  road TEXT NOT NULL,
  PRIMARY KEY (extract, advertiser)
) WITHOUT ROWID;

ALTER TABLE tikhaul_ledger ADD COLUMN road TEXT NOT NULL DEFAULT 'pages';
