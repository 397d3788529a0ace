SELECT extract, COUNT(DISTINCT advertiser) AS advertisers, COUNT(*) AS windows, SUM(rows) AS rows_read,
       SUM(calls) AS calls, MIN(first_day) AS first_day, MAX(last_day) AS last_day
FROM tikhaul_ledger GROUP BY extract ORDER BY extract;
