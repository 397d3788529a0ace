-- By how many ids at a time the requests of an extract and advertiser are narrowed, because their answers were cut or too
-- large (store.h, GetSliceIds).
CREATE TABLE tikhaul_slices (
  extract TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  ids INTEGER NOT NULL,
  PRIMARY KEY (extract, advertiser)
) WITHOUT ROWID;
