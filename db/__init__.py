"""Keep and publish: the schema, the private archive database, the official record, and the public database."""
