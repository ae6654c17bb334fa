"""The vocabulary as plain rows, for whoever keeps or publishes it."""

from __future__ import annotations

from typing import Any

from extract.vocabulary import (
    load_aliases,
    load_attributes,
    load_jurisdictions,
    load_pathways,
    load_successions,
    load_unit_groups,
)

Rows = list[dict[str, Any]]


def vocabulary_rows() -> dict[str, Rows]:
    """Rows by table: jurisdictions, pathways, pathway_aliases, attributes, occupations, occupation_changes."""
    changes = [succession for successions in load_successions().values() for succession in successions]
    return {
        "jurisdictions": [
            {"jurisdiction_id": row.id, "name": row.name_en, "name_fr": row.name_fr, "level": row.level, "parent_id": row.parent_id}
            for row in load_jurisdictions().values()
        ],
        "pathways": [
            {
                "pathway_id": row.id, "name": row.name, "name_fr": row.name_fr, "parent_id": row.parent_id, "jurisdiction_id": row.jurisdiction,
                "kind": row.kind, "official_url": row.official_url, "valid_from": row.valid_from, "valid_to": row.valid_to,
            }
            for row in load_pathways().values()
        ],
        "pathway_aliases": _alias_rows(),
        "attributes": [
            {"attribute_id": row.id, "value_type": row.value_type, "unit": row.unit, "cardinality": row.cardinality, "definition": row.definition}
            for row in load_attributes().values()
        ],
        "occupations": [
            *(
                {"noc_code": row.code, "edition": "2021", "title": row.title, "teer": int(row.teer), "broad_category": int(row.broad_category)}
                for row in load_unit_groups().values()
            ),
            *(
                {"noc_code": code, "edition": "2016", "title": title, "teer": None, "broad_category": int(code[0])}
                for code, title in {change.code_2016: change.title_2016 for change in changes}.items()
            ),
        ],
        "occupation_changes": [
            {"noc_2016": old, "noc_2021": new, "change_type": kind}
            for (old, new), kind in {(change.code_2016, change.code_2021): change.change for change in changes}.items()
        ],
    }


def _alias_rows() -> Rows:
    """Every spelling of every name, each once per pathway and language."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for alias in load_aliases():
        if alias.pathway_id:
            for spelling in alias.spellings():
                row = {"pathway_id": alias.pathway_id, "alias": spelling, "lang": alias.lang, "kind": alias.kind}
                rows.setdefault((alias.pathway_id, spelling.casefold(), alias.lang), row)
    return list(rows.values())
