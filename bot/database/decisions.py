"""A click is judged once: what it comes to is written in one transaction with its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from psycopg.rows import dict_row

from bot.database import changes, intake
from bot.database.pool import Connection
from bot.database.rows import Row, approval_of, click_of, request_of, scalar, storable
from bot.database.wakes import StorePart
from bot.requests.action import ActionRows
from bot.requests.changes import AuditEntry, ClickJudgement, Note
from bot.requests.model import Approval, Click, Request
from bot.requests.states import State

Judge = Callable[[Click, Request | None, tuple[Approval, ...], datetime], ClickJudgement]

_CLICK: LiteralString = "SELECT * FROM clicks WHERE id = %s AND answered_at IS NULL"
_LOCK_CLICK: LiteralString = f"{_CLICK} FOR UPDATE"
_REQUEST_OF = "SELECT request_id FROM buttons WHERE button = %s"
CLOCK = "SELECT clock_timestamp()"
_ANSWERED = "UPDATE clicks SET answered_at = clock_timestamp() WHERE id = %s"
_APPROVALS = """
    SELECT * FROM approvals WHERE request_id = %s AND (%s::int IS NULL OR revision = %s)
    ORDER BY at, user_id
"""
_APPROVE = """
    INSERT INTO approvals (request_id, revision, user_id, user_name, requester_user, plan_hash,
                           why_allowed, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_COUNT_VERSION = "UPDATE requests SET version = version + 1 WHERE id = %s"
# Only while the card is not known: its post was made, but the reply to it was lost.
_ADOPT = """
    UPDATE messages SET ts = %(ts)s, shown_version = 0, not_before = now()
    WHERE request_id = %(id)s AND kind = 'card' AND channel_id = %(channel)s AND ts = ''
"""
_DUE_CLICKS = """
    SELECT id FROM clicks WHERE answered_at IS NULL AND pressed_at <= now() - %s
    ORDER BY pressed_at LIMIT %s
"""


class _Judgement(NamedTuple):
    """A click under its locks, and what it came to."""

    click: Click
    row: Row | None
    request: Request | None
    now: datetime
    judged: ClickJudgement


class Decisions(StorePart):
    """The part of the store that decides clicks. Raises DatabaseUnreachable."""

    async def judge(self, click_id: str, judge: Judge) -> None:
        """Judge it, unless it was judged already, and write what it comes to.

        `judge` is pure. It gets the request of the button, whichever revision that was, with
        the approvals of the revision in force, both locked, and the time after the locks.
        Raises what a change raises; then nothing is written, and the click waits.
        """
        async with self._database.connection() as connection:
            click = await _click(connection, _LOCK_CLICK, click_id)
            if click is None:
                return
            judgement = await _judged(connection, click, judge, self._actions)
            await self._write(connection, judgement)
            await connection.execute(_ANSWERED, (click_id,))

    async def click(self, click_id: str) -> Click | None:
        """The click, if it waits for an answer; read before the judgement, without a lock."""
        async with self._database.connection() as connection:
            return await _click(connection, _CLICK, click_id)

    async def approvals(self, request_id: str, revision: int | None = None) -> tuple[Approval, ...]:
        """Those of one revision, or all; the first to approve first."""
        async with self._database.connection() as connection:
            return await _approvals(connection, request_id, revision)

    async def due_clicks(self, limit: int, older_than: timedelta = timedelta(0)) -> list[str]:
        """The ids of clicks without an answer, the oldest first."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_DUE_CLICKS, (older_than, limit))).fetchall()
        return [str(row[0]) for row in rows]

    async def _write(self, connection: Connection, judgement: _Judgement) -> None:
        judged, request = judgement.judged, judgement.request
        entries: list[tuple[str, AuditEntry]] = []
        if request is not None and judgement.row is not None:
            await _adopt(connection, judgement.click, request)
            await _approve(connection, judgement, request)
            request = await self._change(connection, judgement, judgement.row, request)
        if judged.create is not None:
            new = await intake.insert_asks(connection, [judged.create])
            await self._wakes.requests(connection, [each.id for each in new])
            entries += intake.entries_of(new)
        notes: Sequence[Note] = judged.notes
        own = judged.change.entry if judged.change else judged.entry
        if own is not None:
            entries.insert(0, (request.id if request else "", own))
        if judged.change is not None:
            notes = (*judged.change.notes, *notes)
        await changes.close(connection, entries, request, notes)

    async def _change(
        self, connection: Connection, judgement: _Judgement, row: Row, request: Request
    ) -> Request:
        change = judgement.judged.change
        if change is not None:
            return await changes.write(connection, self._wakes, self._actions, row, change)
        if judgement.judged.approval is not None:
            await connection.execute(_COUNT_VERSION, (request.id,))
        return request


async def _click(connection: Connection, query: LiteralString, click_id: str) -> Click | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(query, (click_id,))).fetchone()
    return None if row is None else click_of(row)


async def _judged(
    connection: Connection, click: Click, judge: Judge, actions: ActionRows
) -> _Judgement:
    request_id = await scalar(connection, _REQUEST_OF, (click.button,))
    row = await changes.lock_request(connection, request_id) if request_id else None
    if row is None:
        at: datetime = await scalar(connection, CLOCK)
        return _Judgement(click, None, None, at, _harmless(judge(click, None, (), at)))
    request, now = request_of(row, actions), row["clock"]
    approvals = await _approvals(connection, request.id, request.revision)
    return _Judgement(click, row, request, now, judge(click, request, approvals, now))


def _harmless(judged: ClickJudgement) -> ClickJudgement:
    """A button of nothing moves nothing."""
    if judged.change is not None or judged.approval is not None or judged.create is not None:
        raise ValueError("A click on no request can change nothing.")
    return judged


async def _approvals(
    connection: Connection, request_id: str, revision: int | None
) -> tuple[Approval, ...]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_APPROVALS, (request_id, revision, revision))
        return tuple(approval_of(row) for row in await cursor.fetchall())


async def _approve(connection: Connection, judgement: _Judgement, request: Request) -> None:
    """Keep a yes; whatever the judgement says, only one to what waits, in its time, by another."""
    approval = judgement.judged.approval
    if approval is None:
        return
    in_time = request.decide_by is None or judgement.now < request.decide_by
    bound = (approval.request_id, approval.revision) == (request.id, request.revision)
    others = approval.user_id not in ("", request.requester.user_id)
    if not (request.state is State.WAITING and in_time and bound and others):
        raise ValueError(f"{request.id} cannot be approved like this.")
    values = (
        approval.request_id,
        approval.revision,
        approval.user_id,
        storable(approval.user_name),
        request.requester.user_id,
        approval.plan_hash,
        storable(approval.why_allowed),
        approval.at,
    )
    await connection.execute(_APPROVE, values)


async def _adopt(connection: Connection, click: Click, request: Request) -> None:
    """The card that carries this revision's button is the request's card."""
    if click.message_ts and click.button == request.button:
        values = {"id": request.id, "channel": click.channel_id, "ts": click.message_ts}
        await connection.execute(_ADOPT, values)
