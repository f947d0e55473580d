"""The lists of snapshots and restore points, and of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from advisor.words import age, counted, listed, quantity, sentence
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    context,
    cut,
    header,
    moment_words,
    person,
    section,
    table,
    top_level,
    width,
)
from bot.messages.request_words import (
    COMMAND,
    LINE_LIMIT,
    NAME_LIMIT,
    STATUS,
    price,
    short_name,
    standing_in_azure,
    title,
    total,
    with_full_stop,
)
from bot.requests.found import LedgerLook
from bot.requests.model import InAzure, Kind, Money, Point
from bot.requests.request import Request
from bot.requests.states import State

TABLE_BUDGET = 6500  #: of Slack's 10,000 for a table; a whole message may have about 12,500
ROWS, CELL = 40, 110
_NAMED = 5  #: resources that a sentence names
_POINT_COLUMNS = ("Name", "VM", "Age", "Size billed", "Cost a month", "Expires", "Asked by")
_REQUEST_COLUMNS = ("Request", "What", "State", "Asked by", "Asked", "Until")

Row = tuple[str | Element, ...]


class PointStatus(StrEnum):
    """Why a resource is in the list."""

    KEPT = "kept"
    ORPHAN = "orphan: its VM is gone"
    LEFTOVER = "leftover of a request that failed"
    VANISHED = "not in Azure any more: somebody else deleted it"
    UNKNOWN = "not in the ledger of this bot, and nothing deletes it by itself"
    NOT_READ = "Azure does not say whether it is still there"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPoint:
    """One snapshot or restore point, as a row of the list."""

    arm_id: str
    kind: Kind
    vm_name: str
    disk_name: str
    made_at: datetime | None
    size_gib: int
    billed_gib: Decimal | None  #: None: Azure does not show it
    cost_a_month: Money | None
    currency: str
    expires_at: datetime | None
    requester_id: str
    request_id: str
    standing: PointStatus = PointStatus.KEPT
    immutable_until: datetime | None = None  #: before that Azure deletes it for nobody

    @property
    def is_immutable_longer(self) -> bool:
        """Whether it stays beyond its expiry because it is immutable."""
        until, expires = self.immutable_until, self.expires_at
        return until is not None and (expires is None or until > expires)

    @classmethod
    def of(
        cls,
        point: Point,
        billed_gib: Decimal | None = None,
        standing: PointStatus = PointStatus.KEPT,
        immutable_until: datetime | None = None,
    ) -> ListedPoint:
        """The row for a point of the ledger, with what Azure shows of it."""
        return cls(
            arm_id=point.arm_id,
            kind=point.kind,
            vm_name=point.vm_name,
            disk_name=point.disk_name,
            made_at=point.made_at,
            size_gib=point.size_gib,
            billed_gib=billed_gib,
            cost_a_month=point.cost_a_month,
            currency=point.currency,
            expires_at=point.expires_at,
            requester_id=point.requester_id,
            request_id=point.request_id,
            standing=standing,
            immutable_until=immutable_until,
        )


def points_listing(
    points: Sequence[ListedPoint], now: datetime, vm: str = "", not_read: Sequence[str] = ()
) -> Message:
    """`/vmbackup snapshots [vm]`: age, size billed, cost, expiry, requester; names the orphans."""
    of = f" of {cut(vm, NAME_LIMIT)}" if vm else ""
    if not points:
        return _lines(
            f"There are no snapshots or restore points{of} that vmbackup knows.", not_read
        )
    lead = f"{counted(len(points), 'snapshot or restore point', 'snapshots and restore points')}"
    wording = with_full_stop(f"{lead}{of}, {_total_cost(points)} a month")
    rows = [_point_row(point, now) for point in points]
    odd = [f"{short_name(each.arm_id)}: {each.standing}." for each in points if _is_odd(each)]
    odd += [
        f"{short_name(each.arm_id)}: immutable until {moment_words(each.immutable_until)}; Azure "
        "deletes it for nobody before."
        for each in points
        if each.immutable_until
    ]
    spoken = (with_full_stop(_spoken_point(point, now)) for point in points)
    return _tabled(
        "Snapshots and restore points", wording, _POINT_COLUMNS, rows, (*odd, *not_read), spoken
    )


def requests_listing(
    requests: Sequence[Request],
    points: Mapping[str, Sequence[Point]] = MappingProxyType({}),
    look: LedgerLook | None = None,
) -> Message:
    """`/vmbackup requests`: the requests and their states, and what became of their points.

    `points` are those of the ledger, by request, as the last `look` at Azure showed them.
    """
    after = list(_of_look(look))
    if not requests:
        return _lines("Nothing is asked for, and nothing was lately.", after)
    wording = f"{counted(len(requests), 'request')}, the newest first."
    stated = [(each, _state(each, points.get(each.id, ()))) for each in requests]
    rows = [_request_row(each, state) for each, state in stated]
    unread = [
        f"{short_name(point.arm_id)}: not read. {sentence(point.not_read)}"
        for each in requests
        for point in points.get(each.id, ())
        if point.in_azure is InAzure.UNKNOWN
    ]
    spoken = (f"{each.id}: {title(each)}, {state}." for each, state in stated)
    return _tabled("Requests", wording, _REQUEST_COLUMNS, rows, (*after, *unread), spoken)


def _state(request: Request, points: Sequence[Point]) -> str:
    return standing_in_azure(request, points) or STATUS[request.state]


def _of_look(look: LedgerLook | None) -> Iterator[str]:
    """When Azure was last compared with the ledger, and what it has beside it."""
    if look is None:
        return
    when = moment_words(look.looked_at)
    if look.not_read:
        yield f"Azure could not be read on {when}. {sentence(look.not_read)}"
    elif not look.unrecorded:
        yield f"Azure was compared with the ledger on {when}."
    if look.unrecorded:
        names = listed(short_name(one.arm_id) for one in look.unrecorded[:_NAMED])
        more = len(look.unrecorded) - _NAMED
        rest = f" and {more} more" if more > 0 else ""
        yield (
            f"In Azure and not in the ledger, as of {when}: {names}{rest}. Nothing deletes them by "
            f"itself; see {COMMAND} snapshots."
        )


def _size_billed(point: ListedPoint) -> str:
    """A disk is billed by its tier, a point by its used size, which Azure does not show."""
    of = f"{point.size_gib:,} GB"
    if point.kind is Kind.DISK:
        return f"the tier of {of}"
    if point.billed_gib is None:
        return f"used part of {of}"
    return f"{quantity(point.billed_gib)} GB of {of}"


def _point_row(point: ListedPoint, now: datetime) -> Row:
    is_gone = point.standing is PointStatus.VANISHED
    return (
        f"{short_name(point.arm_id)} ({point.kind}; {point.request_id or 'no request'})",
        point.vm_name or "-",
        age(now - point.made_at) if point.made_at else "not known",
        _size_billed(point),
        "nothing any more" if is_gone else price(point.cost_a_month, point.currency),
        _expiry(point),
        person(point.requester_id) if point.requester_id else "not known",
    )


def _expiry(point: ListedPoint) -> str:
    """The expiry, or the end of its immutability where that is later: none is promised before."""
    if point.is_immutable_longer and point.immutable_until:
        return f"immutable until {moment_words(point.immutable_until)}"
    return moment_words(point.expires_at) if point.expires_at else "never"


def _request_row(request: Request, state: str) -> Row:
    ends = {State.WAITING: request.decide_by, State.DONE: request.expires_at}
    until = ends.get(request.state)
    requester = request.requester.user_id
    return (
        request.id,
        title(request),
        state,
        person(requester) if requester else "vmbackup",
        moment_words(request.asked_at),
        moment_words(until) if until else "-",
    )


def _spoken_point(point: ListedPoint, now: datetime) -> str:
    old = f", {age(now - point.made_at)} old" if point.made_at else ""
    expiry = f", expires {_expiry(point)}" if point.expires_at else ""
    expiry = f", {_expiry(point)}" if point.is_immutable_longer else expiry
    cost = f", {price(point.cost_a_month, point.currency)} a month"
    cost = "" if point.standing is PointStatus.VANISHED else cost
    odd = f" ({point.standing})" if _is_odd(point) else ""
    return f"{short_name(point.arm_id)} of {point.vm_name}{old}{cost}{expiry}{odd}"


def _total_cost(points: Sequence[ListedPoint]) -> str:
    """The cost of the points that exist; a vanished point costs nothing any more."""
    by_currency: dict[str, list[Money | None]] = {}
    for point in points:
        if point.standing is not PointStatus.VANISHED:
            by_currency.setdefault(point.currency, []).append(point.cost_a_month)
    costs = (total(every, currency) for currency, every in by_currency.items())
    return listed(costs) or "nothing"


def _is_odd(point: ListedPoint) -> bool:
    return point.standing is not PointStatus.KEPT


def _tabled(
    name: str,
    wording: str,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    notes: Sequence[str],
    spoken: Iterable[str],
) -> Message:
    shown = list(_fitting(rows))
    left = len(rows) - len(shown)
    more = [f"and {left} more. Name a VM to see fewer at a time."] if left else []
    small = [cut(note, LINE_LIMIT) for note in (*more, *notes)][:10]
    blocks: list[Block] = [header(name), section(wording), table([columns, *shown])]
    blocks += [context(*small)] if small else []
    return Message(text=top_level([wording, *more, *notes, *spoken]), blocks=tuple(blocks))


def _fitting(rows: Sequence[Row]) -> Iterator[Row]:
    room = TABLE_BUDGET
    for row in rows[:ROWS]:
        room -= sum(min(width(cell), CELL) if isinstance(cell, str) else 30 for cell in row)
        if room < 0:
            return
        yield row


def _lines(wording: str, notes: Sequence[str]) -> Message:
    blocks: list[Block] = [section(wording)]
    blocks += [context(*(cut(note, LINE_LIMIT) for note in notes[:10]))] if notes else []
    return Message(text=top_level([wording, *notes]), blocks=tuple(blocks))
