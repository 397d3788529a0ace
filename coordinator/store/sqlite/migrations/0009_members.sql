-- Who writes: in a file one coordinator at a time, under a term that grows with each start, and checked by each
-- transaction.
CREATE TABLE tikhaul_member (
  id TEXT PRIMARY KEY,
  term INTEGER NOT NULL,
  address TEXT NOT NULL,
  passive INTEGER NOT NULL
);
CREATE TABLE tikhaul_term (
  term INTEGER NOT NULL
);
INSERT INTO tikhaul_term (term) VALUES (0);

-- Seats 0 to 63 are shards, 64 is the lead. member '': free.
CREATE TABLE tikhaul_seat (
  number INTEGER PRIMARY KEY,
  term INTEGER NOT NULL,
  member TEXT NOT NULL
);
WITH RECURSIVE n(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM n WHERE number < 64)
  INSERT INTO tikhaul_seat (number, term, member) SELECT number, 0, '' FROM n;
