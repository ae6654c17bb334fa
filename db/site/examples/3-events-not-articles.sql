-- Events, not articles
-- Ten articles on one draw are ten facts and one event. Count events, and weigh them by owners (publishers that had the
-- story independently), not by articles: copies of one story count once. rank = 'preferred' is the best supported value.
SELECT e.event_id, e.event_date, e.title, v.attribute_id, v.value, v.unit, v.basis, v.owners, v.best_fact_id AS fact_id
FROM events e JOIN event_values v ON v.event_id = e.event_id AND v.rank = 'preferred'
WHERE e.pathway_id = 'ca-ee-cec' AND e.retired_at IS NULL
ORDER BY e.event_date DESC
LIMIT 50
