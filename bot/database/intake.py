"""Stores new requests and clicks once each, however often Slack delivers them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from bot.database import audit
from bot.database.audit_comparison import with_standing
from bot.database.pool import Connection
from bot.database.rows import CLICK_COLUMNS, column_value, storable, wish_json
from bot.database.wakes import StorePart
from bot.requests.changes import Ask, AskResult, AuditEntry
from bot.requests.model import Click
from bot.requests.states import State

#: Slack delivers again within minutes; the same words a day later are another request.
CONTENT_KEPT = timedelta(hours=24)

# In the order of the keys: two transactions that ask for the same never wait for each other.
_INSERT = """
    INSERT INTO requests (id, content_key, action, state, wish, of_request,
                          requester_team, requester_user, requester_name, requester_channel,
                          trace)
    SELECT id, content_key, action, 'planning', wish, of_request,
           requester_team, requester_user, requester_name, requester_channel, trace
    FROM jsonb_to_recordset(%s) AS asked (
        id text, content_key text, action text, wish jsonb, of_request text,
        requester_team text, requester_user text, requester_name text, requester_channel text,
        trace text)
    ORDER BY content_key
    ON CONFLICT (content_key) DO NOTHING
    RETURNING id
"""
_OF_KEYS = "SELECT content_key, id FROM requests WHERE content_key = ANY(%s)"
_PRESS = """
    INSERT INTO clicks (id, kind, button, team_id, user_id, user_name, channel_id, message_ts, text,
                        trace)
    SELECT id, kind, button, team_id, user_id, user_name, channel_id, message_ts, text, trace
    FROM jsonb_to_recordset(%s) AS pressed (
        id text, kind text, button text, team_id text, user_id text, user_name text,
        channel_id text, message_ts text, text text, trace text)
    ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
"""
# It waits for no lock: a key whose request is locked now is removed the next time.
_FORGET = """
    UPDATE requests SET content_key = NULL WHERE id IN (
        SELECT id FROM requests
        WHERE content_key IS NOT NULL AND asked_at < vmbackup_now() - %s
        FOR UPDATE SKIP LOCKED)
"""


class Intake(StorePart):
    """The part of the store that listeners use."""

    async def ask(self, asks: Sequence[Ask]) -> list[AskResult]:
        """Store all asks in one transaction; the results are in the order of the asks.

        Raises DatabaseUnreachable; asking again with the same values is safe.
        """
        async with self._database.connection() as connection:
            new = await insert_asks(connection, asks)
            await self._wakes.requests(connection, [each.id for each in new])
            await audit.append(connection, entries_of(new))
            keys = [storable(each.content_key) for each in asks]
            found = await (await connection.execute(_OF_KEYS, (keys,))).fetchall()
        ids = {str(key): str(request_id) for key, request_id in found}
        return [_ask_result(each, ids[key]) for each, key in zip(asks, keys, strict=True)]

    async def press(self, clicks: Sequence[Click]) -> list[bool]:
        """Store all clicks in one transaction; False for each that was stored before.

        Raises DatabaseUnreachable; pressing again with the same values is safe.
        """
        rows = [
            {name: column_value(getattr(each, name)) for name in CLICK_COLUMNS} for each in clicks
        ]
        async with self._database.connection() as connection:
            cursor = await connection.execute(_PRESS, (Jsonb(rows),))
            new = {str(row[0]) for row in await cursor.fetchall()}
            await self._wakes.clicks(connection, sorted(new))
        return [_first_time(str(row["id"]), new) for row in rows]

    async def forget_old_keys(self) -> int:
        """Remove the content keys that are a day old; returns their number."""
        async with self._database.connection() as connection:
            return (await connection.execute(_FORGET, (CONTENT_KEPT,))).rowcount


async def insert_asks(connection: Connection, asks: Sequence[Ask]) -> list[Ask]:
    """Insert the asks that are new; returns them, sorted by their content keys."""
    rows = Jsonb([_row(each) for each in asks])
    new = {row[0] for row in await (await connection.execute(_INSERT, (rows,))).fetchall()}
    firsts = {each.id: each for each in reversed(asks) if each.id in new}
    return sorted(firsts.values(), key=lambda each: each.content_key)


def entries_of(asks: Sequence[Ask]) -> list[tuple[str, AuditEntry]]:
    """The audit entries of new requests, each with its request's id."""
    return [(each.id, with_standing(_entry(each), State.PLANNING, 1)) for each in asks]


def _entry(ask: Ask) -> AuditEntry:
    return AuditEntry(kind="asked", who=ask.requester.user_id, detail=wish_json(ask.wish).obj)


def _row(ask: Ask) -> dict[str, Any]:
    requester = ask.requester
    values = {
        "id": ask.id,
        "content_key": ask.content_key,
        "action": ask.wish.action.value,
        "wish": wish_json(ask.wish).obj,
        "of_request": ask.wish.of_request,
        "requester_team": requester.team_id,
        "requester_user": requester.user_id,
        "requester_name": requester.user_name,
        "requester_channel": requester.channel_id,
        "trace": ask.trace,
    }
    return {name: storable(value) for name, value in values.items()}


def _ask_result(ask: Ask, request_id: str) -> AskResult:
    """`is_new` where the row has the ask's own id, also if an earlier commit wrote it."""
    return AskResult(request_id=request_id, is_new=request_id == ask.id)


def _first_time(click_id: str, new: set[str]) -> bool:
    if click_id not in new:
        return False
    new.remove(click_id)
    return True
