"""One file per change of the schema, in the order of their numbers. A released one stays as is."""
