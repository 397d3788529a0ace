-- Metrics of a report, a comma between them, that a chunk reads alone for rows that are there ('': whole rows), and of
-- which a ledger entry is the proof.
ALTER TABLE tikhaul_chunk ADD COLUMN only_metrics TEXT NOT NULL DEFAULT '';
ALTER TABLE tikhaul_ledger ADD COLUMN only_metrics TEXT NOT NULL DEFAULT '';
