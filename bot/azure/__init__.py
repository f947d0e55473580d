"""The only package that changes Azure: ids, verbs that look first, refusals, permissions, undo."""
