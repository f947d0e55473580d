"""The names of people as Slack last gave them to this database; a name identifies nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.database.pool import Database

# The newest name of each: people rename themselves.
_NAMES = """
    SELECT DISTINCT ON (id) id, name FROM (
        SELECT requester_user AS id, requester_name AS name, asked_at AS at FROM requests
        UNION ALL SELECT user_id, user_name, at FROM approvals
        UNION ALL SELECT user_id, user_name, pressed_at FROM clicks) AS seen
    WHERE id = ANY(%s) AND name <> '' AND name <> id
    ORDER BY id, at DESC
"""


async def names_of(database: Database, user_ids: Iterable[str]) -> Mapping[str, str]:
    """Slack id -> name, of those whose name was ever seen. Raises DatabaseUnreachable."""
    async with database.connection() as connection:
        rows = await connection.execute(_NAMES, (list(user_ids),))
        return {str(row[0]): str(row[1]) for row in await rows.fetchall()}
