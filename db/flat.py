"""Flat tables of a release: facts and events with the names beside the ids, for people who don't join."""

from __future__ import annotations

from db.schema import PUBLIC
from db.tables import Type, View

_FACT_COLUMNS = {
    "fact_id": "The fact.", "pathway_id": "Pathway id.", "pathway": "Pathway name.", "jurisdiction_id": "Jurisdiction of the pathway.", "attribute_id": "What is said.",
    "comparator": "eq, le, ge, lt, gt, approx, range or delta.", "value": "Canonical value.", "value_num": "The value as a number, or the lower end of a range.",
    "value_high": "The upper end of a range.", "value_date": "The value as an EDTF date.", "unit": "Unit.", "period": "EDTF period in which it holds.",
    "modality": "How the text puts it.", "scope": "Part of the pathway that it is about.", "as_written": "As the text writes it.", "noc_code": "NOC code.", "occupation": "Official title of the occupation.",
    "basis": "extracted, or reviewed by a person.", "status": "current, superseded or withdrawn.", "published": "Publication date.", "year": "Year of the value or article.",
    "source_id": "Source id.", "source": "Who says it.", "owner_group": "Owner of the source.", "official": "1 where the source is an authority.", "article_id": "Article id.",
    "article": "Title of the article.", "url": "Link to the article.", "evidence": "The clause that says it.", "recorded_at": "When Landed first held it.", "retired_at": "When it ceased to be current.",
}

_FACTS_FLAT = View(
    "facts_flat", "Facts, flat", "All facts with the names of pathway, occupation, source and article: one row per fact, nothing to join.",
    """
SELECT f.fact_id, f.pathway_id, p.name AS pathway, p.jurisdiction_id, f.attribute_id, f.comparator, f.value, f.value_num, f.value_high, f.value_date, f.unit, f.period,
       f.modality, f.scope, f.as_written, f.noc_code, o.title AS occupation, f.basis, f.status, f.published, f.year, f.source_id, s.name AS source, s.owner_group, s.official,
       f.article_id, a.title AS article, a.url, f.evidence, f.recorded_at, f.retired_at
FROM facts f JOIN pathways p USING (pathway_id) JOIN sources s USING (source_id) JOIN articles a USING (article_id) LEFT JOIN occupations o USING (noc_code)
ORDER BY f.fact_id""",
    _FACT_COLUMNS,
)


_TYPES = {column.name: column.type for table in PUBLIC for column in table.columns}


def column_type(name: str) -> Type:
    """The type that a column of that name has in the tables; names of things are text."""
    return _TYPES.get(name, "TEXT")


def flat_views() -> tuple[View, ...]:
    """The flat tables: of facts, and of events where the schema has them."""
    events = next((table for table in PUBLIC if table.name == "events"), None)
    if events is None:
        return (_FACTS_FLAT,)
    names = ", ".join(f"e.{column.name}" for column in events.columns)
    return (_FACTS_FLAT, View(
        "events_flat", "Events, flat", "All events with the names of pathway and jurisdiction beside the ids: one row per event, nothing to join.",
        f"SELECT {names}, p.name AS pathway, p.jurisdiction_id, j.name AS jurisdiction FROM events e LEFT JOIN pathways p USING (pathway_id) LEFT JOIN jurisdictions j USING (jurisdiction_id) ORDER BY e.event_id",  # noqa: S608 - our own names
        {column.name: column.description for column in events.columns} | {"pathway": "Pathway name.", "jurisdiction_id": "Jurisdiction of the pathway.", "jurisdiction": "Its name."},
    ))
