"""The part of publishing that copies stories and events into the public database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.events import refresh_statuses

if TYPE_CHECKING:
    import sqlite3

_COLUMNS = """event_type, event_date, announced_date, effective_date, end_date, period, stance, status, draw_id, dedupe_key, facts, articles, stories, owners, official, conflict,
  first_reported, last_reported, recorded_at, retired_at"""

COPY_STORIES = (
    """INSERT INTO stories (story_id, title, published, articles, sources, owners, similarity)
       SELECT a.story_id, coalesce((SELECT f.title FROM articles f WHERE f.article_id = a.story_id), min(a.title)), min(a.published), count(*), count(DISTINCT a.source_id),
              count(DISTINCT o.owner_group), CASE WHEN count(*) > 1 THEN min(s.similarity) END
       FROM articles a JOIN sources o ON o.source_id = a.source_id LEFT JOIN archive.stories s ON s.article_id = a.article_id GROUP BY a.story_id""",
)

_COPY = (
    f"""INSERT INTO events (event_id, pathway_id, title, predecessor_id, {_COLUMNS})
        SELECT e.event_id, p.pathway_id, CASE WHEN p.name IS NULL THEN e.title ELSE p.name || ': ' || e.title END, e.predecessor_id, {', '.join('e.' + name.strip() for name in _COLUMNS.split(','))}
        FROM archive.events e LEFT JOIN pathways p ON p.pathway_id = e.pathway_id
        ORDER BY coalesce(e.event_date, e.first_reported), e.event_id""",  # noqa: S608 - names of our own columns
    """INSERT INTO event_facts (fact_id, event_id, role, link_rule, link_score)
       SELECT l.fact_id, l.event_id, l.role, l.link_rule, l.link_score FROM archive.event_facts l JOIN facts f ON f.fact_id = l.fact_id""",
    """INSERT INTO event_values (event_id, attribute_id, scope, unit, value, value_num, rank, place, conflict, basis, on_record, facts, owners, best_fact_id, first_reported, last_reported)
       SELECT v.event_id, v.attribute_id, v.scope, v.unit, v.value, v.value_num, v.rank, v.place, v.conflict, v.basis, v.on_record, v.facts, v.owners, f.fact_id, v.first_reported, v.last_reported
       FROM archive.event_values v LEFT JOIN facts f ON f.fact_id = v.best_fact_id""",
    "INSERT INTO event_redirects (old_event_id, new_event_id, reason, at, note) SELECT old_event_id, new_event_id, reason, at, note FROM archive.event_redirects",
)


def copy_events(connection: sqlite3.Connection, today: str) -> None:
    """Copy events, their facts, values and redirects from the attached archive; statuses become those of `today` (ISO)."""
    for statement in _COPY:
        connection.execute(statement)
    refresh_statuses(connection, today)
