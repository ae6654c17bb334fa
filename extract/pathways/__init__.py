"""The component that finds immigration pathways by name, and names that the vocabulary lacks."""

from extract.pathways.find import PathwayMention, find_pathways
from extract.pathways.novel import NovelPathway, find_novel
from extract.pathways.rounds import pathway_of_round

__all__ = ["NovelPathway", "PathwayMention", "find_novel", "find_pathways", "pathway_of_round"]
