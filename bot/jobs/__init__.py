"""The jobs: wake-ups, the worker that takes them, the sweep, and the grouped writes."""
