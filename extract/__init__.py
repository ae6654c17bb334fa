"""Understand: text and blocks in, pathways, dates, quantities, occupations and facts out."""
