"""The composition root: settings go in, running processes come out."""
