-- A pathway with its parts
-- Pathways are a tree: Express Entry has categories, the provincial programs have streams. A recursive query walks it
-- down from any pathway; asked for with IN, the facts are found by the index on pathway_id.
WITH RECURSIVE part(pathway_id) AS (
  SELECT 'ca-ee'
  UNION
  SELECT p.pathway_id FROM part JOIN pathways p ON p.parent_id = part.pathway_id
)
SELECT f.attribute_id, count(*) AS facts, count(DISTINCT f.source_id) AS sources, max(f.published) AS last_published
FROM facts f
WHERE f.pathway_id IN (SELECT pathway_id FROM part) AND +f.status = 'current'
GROUP BY f.attribute_id
ORDER BY facts DESC
