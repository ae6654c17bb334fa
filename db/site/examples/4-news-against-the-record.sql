-- News against the record
-- Each figure that a text gives of an official round is checked against that round. The verdict "near" stands for rounded
-- figures that fit. Ambiguous ones fit no single round and are left out of shares.
SELECT c.source_id, c.attribute_id, count(*) AS checked, sum(c.verdict IN ('agree', 'near')) AS right_ones,
       round(1.0 * sum(c.verdict IN ('agree', 'near')) / count(*), 3) AS share
FROM checks c
WHERE c.verdict IN ('agree', 'near', 'disagree')
GROUP BY c.source_id, c.attribute_id
ORDER BY checked DESC
