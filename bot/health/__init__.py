"""Whether the bot lives, is ready, and how it does: /livez, /readyz, /metrics."""
