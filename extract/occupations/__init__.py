"""The component that finds NOC codes and the titles of occupations."""

from extract.occupations.codes import OccupationMention, find_occupations
from extract.occupations.titles import TitleHit, find_titles

__all__ = ["OccupationMention", "TitleHit", "find_occupations", "find_titles"]
