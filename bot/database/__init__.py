"""The bot's database: PostgreSQL, embedded or a server of your own, opened and migrated."""

from __future__ import annotations

from bot.database.opening import open_database, open_once_reachable, open_to_read
from bot.database.pool import Database

__all__ = ["Database", "open_database", "open_once_reachable", "open_to_read"]
