"""The advice that was told, kept for its buttons and for whoever wants to see it again.

The only SQL of the tables `advices` and `advice_shares`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from bot.database.pool import Database
from bot.requests.model import Requester
from bot.requests.storable import storable

#: After this time a share that was begun and not finished has failed.
SHARING_TAKES = timedelta(minutes=2)
_WORD_LIMIT = 300

_INSERT: LiteralString = """
    INSERT INTO advices (id, team_id, user_id, user_name, channel_id, words, vm_name, told)
    VALUES (%(id)s, %(team)s, %(user)s, %(name)s, %(channel)s, %(words)s, %(vm)s, %(told)s)
"""
_GET: LiteralString = """
    SELECT id, given_at, user_id, user_name, words, vm_name, told FROM advices WHERE id = %s
"""
_OF_PERSON: LiteralString = """
    SELECT id, given_at, user_id, user_name, words, vm_name, told
    FROM advices WHERE user_id = %s ORDER BY given_at DESC LIMIT %s
"""
_CLAIM: LiteralString = """
    INSERT INTO advice_shares AS known (advice_id, channel_id, user_id) VALUES (%s, %s, %s)
    ON CONFLICT (advice_id, channel_id) DO UPDATE
        SET user_id = EXCLUDED.user_id, claimed_at = vmbackup_now()
        WHERE known.shared_at IS NULL AND known.claimed_at < vmbackup_now() - %s
    RETURNING 1
"""
_SHARED: LiteralString = """
    UPDATE advice_shares SET shared_at = vmbackup_now() WHERE advice_id = %s AND channel_id = %s
"""
_RELEASE: LiteralString = """
    DELETE FROM advice_shares
    WHERE advice_id = %s AND channel_id = %s AND shared_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAdvice:
    """One row. `told` is JSON: `bot.messages.advice_told` reads it."""

    id: str
    given_at: datetime  #: the database's time
    user_id: str
    user_name: str
    words: list[str]  #: after `advise`
    vm_name: str
    told: Mapping[str, Any]


class AdviceStore:
    """Keeps advice and finds it. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        advice_id: str,
        requester: Requester,
        words: Sequence[str],
        vm_name: str,
        told: Mapping[str, Any],
    ) -> None:
        """Add one advice; `forgetting.py` deletes it once it is too old."""
        values = {
            "id": advice_id,
            "team": requester.team_id,
            "user": requester.user_id,
            "name": requester.user_name,
            "channel": requester.channel_id,
            "words": [storable(word, _WORD_LIMIT) for word in words],
            "vm": storable(vm_name),
            "told": Jsonb(told),
        }
        async with self._database.connection() as connection:
            await connection.execute(_INSERT, values)

    async def get(self, advice_id: str) -> StoredAdvice | None:
        """The advice of this id."""
        found = await self._rows(_GET, (advice_id,))
        return found[0] if found else None

    async def of_person(self, user_id: str, at_most: int) -> list[StoredAdvice]:
        """What a person was advised, the newest first."""
        return await self._rows(_OF_PERSON, (user_id, at_most))

    async def claim_share(self, advice_id: str, channel_id: str, user_id: str) -> bool:
        """Whether this click may post it there: nobody has, and nobody is about to."""
        async with self._database.connection() as connection:
            values = (advice_id, channel_id, user_id, SHARING_TAKES)
            found = await connection.execute(_CLAIM, values)
            return await found.fetchone() is not None

    async def end_share(self, advice_id: str, channel_id: str, *, posted: bool) -> None:
        """Note that it was posted, or let the next click try again."""
        async with self._database.connection() as connection:
            await connection.execute(_SHARED if posted else _RELEASE, (advice_id, channel_id))

    async def _rows(self, query: LiteralString, values: Sequence[Any]) -> list[StoredAdvice]:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(StoredAdvice)) as cursor,
        ):
            await cursor.execute(query, values)
            return await cursor.fetchall()
