"""The embedded PostgreSQL: started from the wheel's programs, reached through a private socket.

No other package knows where the server comes from. Another implementation replaces this one if it
offers `async with EmbeddedPostgres(directory) as server` and `server.connection_keywords`.
"""

from __future__ import annotations

from bot.database.embedded.server import EmbeddedPostgres, keywords_of_running

__all__ = ["EmbeddedPostgres", "keywords_of_running"]
