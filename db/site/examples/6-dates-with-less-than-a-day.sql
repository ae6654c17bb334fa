-- Dates with less than a day
-- Dates are EDTF, as exact as the text: 2026-07-21, 2026-07, 2026. Compare them by the length of what is there, so that "July
-- 2026" counts as ahead on the 15th of July. NULL is unknown; it is never 0 and never "none".
SELECT f.value_date, f.attribute_id, p.name AS pathway, f.published, f.source_id, f.fact_id
FROM facts f JOIN pathways p ON p.pathway_id = f.pathway_id
WHERE f.attribute_id IN ('opens_on', 'closes_on', 'effective_on') AND +f.status = 'current'
  AND f.value_date >= substr('2025-07-15', 1, length(f.value_date))
ORDER BY f.value_date
LIMIT 50
