"""The site: how Datasette shows `facts.db` (templates, stylesheet, plugins and the modules that feed them)."""
