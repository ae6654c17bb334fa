-- One flat table
-- v_facts has the current facts with all names beside the ids, so that most questions need no join.
-- Values keep how exact they are: "le 10000 people" is "up to 10,000 people"; value_num is the number alone.
SELECT fact_id, pathway, comparator, value, unit, period, published, source, evidence
FROM v_facts
WHERE attribute_id = 'cap' AND jurisdiction_id = 'CA'
ORDER BY published DESC
LIMIT 50
