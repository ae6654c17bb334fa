"""Collect: sources, spiders, page templates, the WARC archive, politeness and health."""
