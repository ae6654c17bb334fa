-- A pathway with its parts
-- Pathways are a tree: Express Entry has categories, the provincial programs have streams. A recursive query walks it
-- down from any pathway; the join to facts then uses the index on pathway_id.
WITH RECURSIVE part(pathway_id) AS (
  SELECT 'ca-ee'
  UNION
  SELECT p.pathway_id FROM part JOIN pathways p ON p.parent_id = part.pathway_id
)
SELECT f.attribute_id, count(*) AS facts, count(DISTINCT f.source_id) AS sources, max(f.published) AS last_published
FROM part JOIN facts f ON f.pathway_id = part.pathway_id
WHERE +f.status = 'current'
GROUP BY f.attribute_id
ORDER BY facts DESC
