"""Judges each click once, and writes its judgement and its answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from psycopg.rows import dict_row

from bot.database import changes, intake
from bot.database.pool import Connection
from bot.database.rows import Row, approval_of, click_of, request_of, scalar, storable
from bot.database.wakes import StorePart
from bot.requests.changes import AuditEntry, ClickJudgement, Note
from bot.requests.model import Approval, Click
from bot.requests.request import ActionRows, Request
from bot.requests.states import State

Judge = Callable[[Click, Request | None, tuple[Approval, ...], datetime], ClickJudgement]

_CLICK: LiteralString = "SELECT * FROM clicks WHERE id = %s AND answered_at IS NULL"
_LOCK_CLICK: LiteralString = f"{_CLICK} FOR UPDATE"
_REQUEST_OF = "SELECT request_id FROM buttons WHERE button = %s"
CLOCK = "SELECT vmbackup_now()"
_ANSWERED = "UPDATE clicks SET answered_at = vmbackup_now() WHERE id = %s"
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
# Only while the card is not known: Slack posted it, but the reply was lost.
_ADOPT = """
    UPDATE messages SET ts = %(ts)s, shown_version = 0, not_before = vmbackup_now()
    WHERE request_id = %(id)s AND kind = 'card' AND channel_id = %(channel)s AND ts = ''
"""
_DUE_CLICKS = """
    SELECT id FROM clicks WHERE answered_at IS NULL AND pressed_at <= vmbackup_now() - %s
    ORDER BY pressed_at LIMIT %s
"""


class _LockedClick(NamedTuple):
    """A click and the row of its request, both locked, and the judgement of the click."""

    click: Click
    row: Row | None
    request: Request | None
    now: datetime
    judgement: ClickJudgement


class Decisions(StorePart):
    """The part of the store that decides clicks. Raises DatabaseUnreachable."""

    async def judge(self, click_id: str, judge: Judge) -> None:
        """Judge the click, unless it was judged already, and write the judgement.

        A click that waits is due again at the next sweep.

        `judge` is pure. It gets the click, the request of its button (whichever revision the
        button was for) with the approvals of the revision in force, both locked, and the time
        after the locks. Raises what a change raises; then nothing is written, and the click waits.
        """
        async with self._database.connection() as connection:
            click = await _click(connection, _LOCK_CLICK, click_id)
            if click is None:
                return
            locked = await _lock_and_judge(connection, click, judge, self._actions)
            await self._write(connection, locked)
            if not locked.judgement.waits:
                await connection.execute(_ANSWERED, (click_id,))

    async def click(self, click_id: str) -> Click | None:
        """The click, if it waits for an answer; read before it is judged, without a lock."""
        async with self._database.connection() as connection:
            return await _click(connection, _CLICK, click_id)

    async def approvals(self, request_id: str, revision: int | None = None) -> tuple[Approval, ...]:
        """The approvals of one revision, or of all, the oldest first."""
        async with self._database.connection() as connection:
            return await _approvals(connection, request_id, revision)

    async def due_clicks(self, limit: int, older_than: timedelta = timedelta(0)) -> list[str]:
        """The ids of clicks without an answer, the oldest first."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_DUE_CLICKS, (older_than, limit))).fetchall()
        return [str(row[0]) for row in rows]

    async def _write(self, connection: Connection, locked: _LockedClick) -> None:
        judgement, request = locked.judgement, locked.request
        entries: list[tuple[str, AuditEntry]] = []
        if request is not None and locked.row is not None:
            await _adopt(connection, locked.click, request)
            await _approve(connection, locked, request)
            request = await self._change(connection, locked, locked.row, request)
        if judgement.create is not None:
            new = await intake.insert_asks(connection, [judgement.create])
            await self._wakes.requests(connection, [each.id for each in new])
            entries += intake.entries_of(new)
        notes: Sequence[Note] = judgement.notes
        if judgement.change is not None and request is not None:
            entries.insert(0, changes.entry_of(judgement.change, request))
            notes = (*judgement.change.notes, *notes)
        elif judgement.entry is not None:
            entries.insert(0, (request.id if request else "", judgement.entry))
        await changes.close(connection, entries, request, notes)

    async def _change(
        self, connection: Connection, locked: _LockedClick, row: Row, request: Request
    ) -> Request:
        change = locked.judgement.change
        if change is not None:
            return await changes.write(connection, self._wakes, self._actions, row, change)
        if locked.judgement.approval is not None:
            await connection.execute(_COUNT_VERSION, (request.id,))
        return request


async def _click(connection: Connection, query: LiteralString, click_id: str) -> Click | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(query, (click_id,))).fetchone()
    return None if row is None else click_of(row)


async def _lock_and_judge(
    connection: Connection, click: Click, judge: Judge, actions: ActionRows
) -> _LockedClick:
    request_id = await scalar(connection, _REQUEST_OF, (click.button,))
    row = await changes.lock_request(connection, request_id) if request_id else None
    if row is None:
        at: datetime = await scalar(connection, CLOCK)
        return _LockedClick(click, None, None, at, _without_effect(judge(click, None, (), at)))
    request, now = request_of(row, actions), row["clock"]
    approvals = await _approvals(connection, request.id, request.revision)
    return _LockedClick(click, row, request, now, judge(click, request, approvals, now))


def _without_effect(judgement: ClickJudgement) -> ClickJudgement:
    """The judgement; raises ValueError where it changes anything: the button has no request."""
    if judgement.change or judgement.approval or judgement.create:
        raise ValueError("A click on no request can change nothing.")
    return judgement


async def _approvals(
    connection: Connection, request_id: str, revision: int | None
) -> tuple[Approval, ...]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_APPROVALS, (request_id, revision, revision))
        return tuple(approval_of(row) for row in await cursor.fetchall())


async def _approve(connection: Connection, locked: _LockedClick, request: Request) -> None:
    """Write an approval; raises ValueError for one that is late, or of another revision or request.

    A requester's own approval is refused here, too, whatever the judgement says.
    """
    approval = locked.judgement.approval
    if approval is None:
        return
    in_time = request.decide_by is None or locked.now < request.decide_by
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
    """Note the message of this revision's button as the request's card, where none is known."""
    if click.message_ts and click.button == request.button:
        values = {"id": request.id, "channel": click.channel_id, "ts": click.message_ts}
        await connection.execute(_ADOPT, values)
