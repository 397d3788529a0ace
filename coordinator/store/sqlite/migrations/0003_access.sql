-- Which advertiser x endpoint is open to us (model/chunk.h, Access). It takes the place of the blocks.
CREATE TABLE tikhaul_access (
  advertiser TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  state TEXT NOT NULL,
  code INTEGER NOT NULL,
  message TEXT NOT NULL,
  since TEXT,
  checked_at TEXT,
  retry_at TEXT,
  refusals INTEGER NOT NULL,
  scout INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (advertiser, endpoint)
) WITHOUT ROWID;
CREATE INDEX tikhaul_access_not_open ON tikhaul_access (endpoint) WHERE state <> 'open';

DROP TABLE tikhaul_block;

-- The path that the extract reads.
ALTER TABLE tikhaul_extract ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
