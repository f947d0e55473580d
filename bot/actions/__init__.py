"""What changes Azure: idempotent verbs that look first, the steps of a plan, and how to undo."""
