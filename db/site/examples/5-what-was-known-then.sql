-- What was known then
-- Nothing vanishes: a fact that was withdrawn or replaced stays, with the times in fact_log. The last entry up to a day says
-- whether the fact counted at the end of that day.
SELECT f.fact_id, f.value, f.unit, f.period, f.status, f.recorded_at, f.retired_at
FROM facts f
WHERE f.pathway_id = 'ca-ee-cec' AND f.attribute_id = 'invitations'
  AND (SELECT l.action FROM fact_log l WHERE l.fact_id = f.fact_id AND l.at <= '2026-07-22T23:59:59Z' ORDER BY l.log_id DESC LIMIT 1) IN ('added', 'revived')
ORDER BY f.period DESC
LIMIT 50
