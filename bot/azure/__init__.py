"""The only door that changes Azure: ids, verbs that look first, refusals, permissions, undo."""
