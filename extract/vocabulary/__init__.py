"""What the extractor knows by name: pathways and their aliases, attributes, jurisdictions, occupations.

Each file is a CSV table beside this module; the loaders check it whole on first use, and an error names the file,
the line and what is wrong. A new name for a pathway is a row in aliases.csv.
"""

from extract.vocabulary.names import (
    Alias,
    Attribute,
    Jurisdiction,
    Pathway,
    load_aliases,
    load_attributes,
    load_jurisdictions,
    load_pathways,
    load_spellings,
)
from extract.vocabulary.occupations import (
    Succession,
    TitleVariant,
    UnitGroup,
    load_successions,
    load_title_variants,
    load_unit_groups,
    official_title,
)
from extract.vocabulary.reading import VocabularyError

__all__ = [
    "Alias",
    "Attribute",
    "Jurisdiction",
    "Pathway",
    "Succession",
    "TitleVariant",
    "UnitGroup",
    "VocabularyError",
    "load_aliases",
    "load_attributes",
    "load_jurisdictions",
    "load_pathways",
    "load_spellings",
    "load_successions",
    "load_title_variants",
    "load_unit_groups",
    "official_title",
]
