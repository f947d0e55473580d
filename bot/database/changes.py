"""Writes one change of a request, in the caller's transaction and with locks in one order.

The order: the click, the request's row, the money, its other rows, the jobs' locks, and last the
audit's head. With one order no two transactions wait for each other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from bot.database import audit, budgets
from bot.database.audit_comparison import with_standing
from bot.database.pool import Connection
from bot.database.rows import (
    STEP_COLUMNS,
    Row,
    column_value,
    plan_json,
    request_of,
    step_values,
    storable,
)
from bot.database.wakes import WakesWorkers
from bot.requests.changes import (
    CHANGEABLE,
    AuditEntry,
    Change,
    Extension,
    LiveElsewhere,
    MovedOn,
    Note,
    NoteKind,
)
from bot.requests.model import RequestPlan, Step
from bot.requests.request import ActionRows, Request
from bot.requests.states import FINAL, LIVE, RELEASES_BUDGET, WORKED, State, may_move

_log = logging.getLogger(__name__)

ONE_LIVE = "requests_one_live"  #: the unique index of live requests

# The clock is read after the lock was taken, not where the transaction began. The lock is
# NO KEY, so that rows of other transactions can refer to this one: a transaction that holds the
# audit's head may add a note to this request's thread.
_LOCK = """
    WITH locked AS MATERIALIZED (SELECT * FROM requests WHERE id = %s FOR NO KEY UPDATE)
    SELECT locked.*, vmbackup_now() AS clock,
           coalesce(lease_until > vmbackup_now(), false) AS is_leased
    FROM locked
"""
_BUTTON = "INSERT INTO buttons (button, request_id, revision) VALUES (%s, %s, %s)"
_CARD = """
    INSERT INTO messages (request_id, key, kind, channel_id, user_id, wanted_version)
    VALUES (%(id)s, 'card', 'card', %(channel)s, '', %(version)s)
    ON CONFLICT (coalesce(request_id, ''), key) DO UPDATE
    SET channel_id = EXCLUDED.channel_id, ts = '', permalink = '', shown_version = 0,
        not_before = vmbackup_now(), from_version = EXCLUDED.wanted_version, given_up_at = NULL,
        attempts = 0, why = ''
    WHERE %(is_new)s OR messages.channel_id <> EXCLUDED.channel_id
"""
_NOTES_FOLLOW = """
    UPDATE messages SET channel_id = %s
    WHERE request_id = %s AND kind = 'thread' AND sent_at IS NULL
"""
# A whisper that is still to be sent answers a second press of the same button as well.
_NOTE = """
    INSERT INTO messages (request_id, key, kind, channel_id, user_id, message, unless_in)
    SELECT %(request_id)s, %(key)s, %(kind)s, %(channel)s, %(user)s, %(message)s, %(unless_in)s
    WHERE NOT (%(kind)s = 'whisper' AND EXISTS (
        SELECT FROM messages AS earlier
        WHERE earlier.kind = 'whisper' AND earlier.sent_at IS NULL
          AND earlier.given_up_at IS NULL AND earlier.channel_id = %(channel)s
          AND earlier.user_id = %(user)s AND earlier.message = %(message)s
          AND earlier.request_id IS NOT DISTINCT FROM %(request_id)s))
    ON CONFLICT (coalesce(request_id, ''), key) DO NOTHING
"""
_CHANNEL_OF = "SELECT channel_id FROM requests WHERE id = %s"
_EXTEND_POINTS = """
    UPDATE points SET expires_at = %(until)s
    WHERE request_id = %(id)s AND deleted_at IS NULL
      AND (%(keys)s = '{}'::text[] OR arm_key = ANY(%(keys)s))
"""
_EXTEND_REQUEST = """
    UPDATE requests SET reminded_at = NULL, version = version + 1, expires_at = (
        SELECT min(expires_at) FROM points WHERE request_id = %(id)s AND deleted_at IS NULL)
    WHERE id = %(id)s
"""
_PUT_OFF = "UPDATE points SET delete_after = %s WHERE arm_key = %s"
_LIVE_OTHER = """
    SELECT id FROM requests
    WHERE subject = %s AND action = %s AND id <> %s AND state = ANY(%s)
"""


async def lock_request(connection: Connection, request_id: str) -> Row | None:
    """The request's row, locked, with `clock` and `is_leased`; None: there is no such request."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_LOCK, (request_id,))).fetchone()


def check(row: Row | None, request: Request, change: Change, token: str | None) -> Row:
    """The row; raises MovedOn where it changed since it was read or the lease is not held."""
    if row is None or (row["state"], row["revision"]) != (request.state.value, request.revision):
        raise MovedOn(request.id)
    if change.to is None and row["version"] != request.version:
        raise MovedOn(request.id)
    if token is not None and not holds(row, token):
        raise MovedOn(request.id)
    return row


def holds(row: Row, token: str) -> bool:
    """Whether this token holds the lease now."""
    return bool(row["is_leased"] and row["lease_token"] == token)


async def write(
    connection: Connection,
    wakes: WakesWorkers,
    actions: ActionRows,
    row: Row,
    change: Change,
    token: str | None = None,
) -> Request:
    """Write a change without its audit entry and its notes; returns the changed request.

    Raises LiveElsewhere, OverBudget, UsedUp, MovedOn; ValueError for a move that is not in `MOVES`.
    """
    _refuse_mistakes(row, change)
    if change.reserve is not None:
        await budgets.reserve(connection, row["id"], change.reserve)
    if change.quota is not None:
        await budgets.check_quota(connection, row["id"], change.quota)
    if change.free is not None:
        await budgets.check_free(connection, row["id"], change.free)
    request = await _update(connection, actions, row, change)
    if change.to in RELEASES_BUDGET:
        await budgets.release(connection, request.id)
    if change.extend is not None:
        await _extend(connection, change.extend)
    for put_off in change.put_off:
        await connection.execute(_PUT_OFF, (put_off.until, put_off.arm_id.lower()))
    if change.steps is not None:
        await _replace_steps(connection, request.id, change.steps)
    if change.fields.get("button"):
        button = (request.button, request.id, request.revision)
        await connection.execute(_BUTTON, button)
    await _renew_card(connection, request, change)
    # Under a lease the release says when to work on it next; a job now would find it leased.
    if token is None and change.wake_in is not None and request.state in WORKED:
        await wakes.requests(connection, [request.id], after(change.wake_in))
    return request


async def close(
    connection: Connection,
    entries: Sequence[tuple[str, AuditEntry]],
    request: Request | None,
    notes: Sequence[Note],
) -> None:
    """Write the audit entries and the notes. The audit's head stays locked until the commit."""
    head = await audit.append(connection, entries)
    for note in notes:
        await _insert_note(connection, note, request, head)


def entry_of(change: Change, changed: Request) -> tuple[str, AuditEntry]:
    """The request's id and the change's audit entry, which says where a move leaves the request."""
    if change.to is None and "revision" not in change.fields:
        return changed.id, change.entry
    return changed.id, with_standing(change.entry, changed.state, changed.revision)


def _refuse_mistakes(row: Row, change: Change) -> None:
    if unknown := set(change.fields) - CHANGEABLE:
        raise ValueError(f"A change may not set {', '.join(sorted(unknown))}.")
    before = State(row["state"])
    if change.to is not None and not may_move(before, change.to):
        raise ValueError(f"A request does not move from {before} to {change.to}.")


async def _update(connection: Connection, actions: ActionRows, row: Row, change: Change) -> Request:
    values = _values(row, change)
    assign = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
    )
    statement = sql.SQL(
        "UPDATE requests SET {}, version = version + 1 WHERE id = %(id)s RETURNING *"
    ).format(assign)
    try:
        async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement, values | {"id": row["id"]})
            updated = await cursor.fetchone()
    except UniqueViolation as error:
        if error.diag.constraint_name != ONE_LIVE:
            raise
        raise await _blocking_request(connection, row, change) from error
    if updated is None:
        raise MovedOn(row["id"])
    return request_of(updated, actions)


def _values(row: Row, change: Change) -> dict[str, Any]:
    """Column -> value; a plan also sets the columns by which its request is found."""
    values = {name: column_value(value) for name, value in change.fields.items() if name != "plan"}
    if change.quota is not None:
        values["broke_glass_at"] = row["clock"]  # counts against the quota from now on
    if change.free is not None:
        values["free_at"] = row["clock"]
    if (plan := change.fields.get("plan")) is not None:
        values |= {"plan": plan_json(plan), "vm_key": plan.vm_key, "subject": subject_of(plan)}
    state = change.to or State(row["state"])
    if change.to is not None:
        values |= {"state": state.value, "attempts": 0, "not_before": None}
        values["undo_began"] = None
        if state is State.APPROVED:
            values.setdefault("approved_at", row["clock"])
        if state in FINAL:
            values.setdefault("finished_at", row["clock"])
    if state not in WORKED:
        return values | {"next_at": None, "lease_token": None, "lease_until": None}
    return values | {"next_at": _next_at(row, change)}


def _next_at(row: Row, change: Change) -> datetime | None:
    """When to work on the request next. A change without a move never puts off an earlier time."""
    wanted = None if change.wake_in is None else row["clock"] + change.wake_in
    if change.to is not None:
        return wanted
    times = [each for each in (wanted, row["next_at"]) if each is not None]
    return min(times, default=None)


def subject_of(plan: RequestPlan) -> str:
    """The VM or request that a plan is about; it has one live request for each action."""
    return plan.of_request or plan.vm_key


async def _blocking_request(
    connection: Connection, row: Row, change: Change
) -> LiveElsewhere | MovedOn:
    """The error that names the live request; MovedOn where that request ended meanwhile."""
    plan = change.fields.get("plan")
    subject = row["subject"] if plan is None else subject_of(plan)
    values = (subject, row["action"], row["id"], [each.value for each in LIVE])
    found = await (await connection.execute(_LIVE_OTHER, values)).fetchone()
    return LiveElsewhere(str(found[0])) if found else MovedOn(row["id"])


async def _extend(connection: Connection, extension: Extension) -> None:
    keys = [arm_id.lower() for arm_id in extension.arm_ids]
    values = {"id": extension.request_id, "until": extension.expires_at, "keys": keys}
    await connection.execute(_EXTEND_POINTS, values)
    await connection.execute(_EXTEND_REQUEST, values)


async def _replace_steps(connection: Connection, request_id: str, steps: Sequence[Step]) -> None:
    await connection.execute("DELETE FROM steps WHERE request_id = %s", (request_id,))
    names = ("request_id", *STEP_COLUMNS)
    insert = sql.SQL("INSERT INTO steps ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
    )
    async with connection.cursor() as cursor:
        rows = [step_values(step) | {"request_id": request_id} for step in steps]
        await cursor.executemany(insert, rows)


async def _renew_card(connection: Connection, request: Request, change: Change) -> None:
    """A request with a channel has a card; after a change of channel a new card is posted."""
    if not request.channel_id:
        return
    values = {
        "id": request.id,
        "channel": request.channel_id,
        "version": request.version,
        "is_new": change.new_card,
    }
    await connection.execute(_CARD, values)
    if "channel_id" in change.fields:
        await connection.execute(_NOTES_FOLLOW, (request.channel_id, request.id))


async def _insert_note(
    connection: Connection, note: Note, request: Request | None, head: str
) -> None:
    request_id = note.of_request or (request.id if request else None)
    channel = await _channel_of(connection, note, request)
    if not channel:
        _log.warning("The note %s of %s has no thread to go to.", note.key, request_id)
        return
    body: Mapping[str, Any] = note.message(head) if callable(note.message) else note.message
    texts = {"key": note.key, "kind": note.kind.value, "channel": channel, "user": note.user_id}
    values = {name: storable(text) for name, text in texts.items()}
    rest = {
        "request_id": request_id,
        "message": Jsonb(storable(body)),
        "unless_in": storable(note.unless_in),
    }
    await connection.execute(_NOTE, values | rest)


async def _channel_of(connection: Connection, note: Note, request: Request | None) -> str:
    """The note's channel; empty for a thread where the request has no card yet."""
    if note.kind is NoteKind.DIRECT:
        return note.channel_id or note.user_id
    if note.kind is NoteKind.WHISPER:
        return note.channel_id
    if not note.of_request:
        return request.channel_id if request else ""
    found = await (await connection.execute(_CHANNEL_OF, (note.of_request,))).fetchone()
    return str(found[0]) if found else ""


def after(wait: timedelta) -> timedelta | None:
    """How long a job is put off; None: it may run at once."""
    return wait if wait > timedelta(0) else None
