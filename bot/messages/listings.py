"""The list of snapshots and restore points, by the request that made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from advisor.words import age, counted, listed, quantity
from bot.messages.blocks import Element, Message, cut, moment, person, run, space
from bot.messages.list_page import (
    Frame,
    ListAsked,
    ListGroup,
    listed_page,
    month_words,
    place_words,
    shown_of,
)
from bot.messages.made_buttons import made_buttons, verbs_for
from bot.messages.request_words import NAME_LIMIT, short_name
from bot.requests.model import Kind, Money, Point
from bot.requests.moments import moment_words

_TITLE = "Snapshots and restore points"
_NAMED = 2  #: names of resources in a line: each has about 60 characters
_LINE = 200
_NEVER = datetime.max.replace(tzinfo=UTC)


class PointStatus(StrEnum):
    """Why a resource is in the list."""

    KEPT = "kept"
    ORPHAN = "orphan: its VM is not found"
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


#: Nobody and nothing looks after these.
_ORPHANS = frozenset({PointStatus.ORPHAN, PointStatus.LEFTOVER, PointStatus.UNKNOWN})
_IN_LEDGER = frozenset({PointStatus.KEPT, PointStatus.ORPHAN, PointStatus.NOT_READ})


def points_listing(
    points: Sequence[ListedPoint],
    now: datetime,
    asked: ListAsked | None = None,
    not_read: Sequence[str] = (),
) -> Message:
    """`/vmbackup snapshots [vm]`: by request, orphans first, then what expires soonest."""
    asked = asked or ListAsked(name="snapshots")
    of = f" of {cut(asked.vm, NAME_LIMIT)}" if asked.vm else ""
    if not points:
        wording = f"There are no snapshots or restore points{of} that vmbackup knows."
        return listed_page(Frame(_TITLE, wording, notes=not_read), (), asked, 0)
    by_request = sorted(_by_request(points).values(), key=_rank)
    groups = [_group(own, now) for own in by_request[asked.start :]]
    what = counted(len(points), "snapshot or restore point", "snapshots and restore points")
    place = place_words(shown_of(groups), len(by_request), asked.start, "requests")
    place = "1 request" if len(by_request) == 1 else place
    summary = f"{what}{of}, of {place}: {month_words(_cost_lines(points))}."
    frame = Frame(_TITLE, summary, first=_unlooked_after(by_request), notes=not_read)
    return listed_page(frame, groups, asked, len(by_request))


def _by_request(points: Sequence[ListedPoint]) -> dict[str, list[ListedPoint]]:
    """What no request is known of stands by itself."""
    found: dict[str, list[ListedPoint]] = {}
    for point in points:
        found.setdefault(point.request_id or point.arm_id, []).append(point)
    return found


def _rank(own: Sequence[ListedPoint]) -> tuple[int, bool, datetime, str]:
    """Orphans and what nothing deletes first, what is gone last; between them by expiry."""
    standings = {point.standing for point in own}
    order = 0 if standings & _ORPHANS else 2 if standings == {PointStatus.VANISHED} else 1
    expiries = [point.expires_at for point in own if point.expires_at is not None]
    return order, not expiries, min(expiries, default=_NEVER), own[0].arm_id


def _group(own: Sequence[ListedPoint], now: datetime) -> ListGroup:
    first = own[0]
    title = f"{counted(len(own), str(first.kind))} of {cut(first.vm_name or 'a VM', NAME_LIMIT)}"
    odd = _odd_words(own)
    bold = [run(title, _LINE, bold=True), *([run(f": {odd}", _LINE)] if odd else [])]
    facts, ends = _facts(own, now), _ends(own)
    second: list[Element] = [run(facts, _LINE)]
    for words, at in ends:
        second += [space(f", {words} "), moment(at)]
    second += [] if ends else [space(", kept until somebody deletes it")]
    third = [run(first.request_id or "no request", NAME_LIMIT)]  # first, where no phone breaks it
    by = [space(" · asked for by "), person(first.requester_id)] if first.requester_id else []
    names = listed([*(short_name(each.arm_id) for each in own[:_NAMED]), *_more(own)])
    until = listed(f"{words} {moment_words(at)}" for words, at in ends) or "without an end"
    spoken = f"{title}{f': {odd}' if odd else ''}, {facts}, {until}: {names}."
    buttons = tuple(_buttons(own, title))
    lines = (bold, second, [*third, *by], [run(names, _LINE)])
    return ListGroup(lines=lines, buttons=buttons, spoken=spoken)


def _more(own: Sequence[ListedPoint]) -> list[str]:
    rest = len(own) - _NAMED
    return [f"{rest} more"] if rest > 0 else []


def _odd_words(own: Sequence[ListedPoint]) -> str:
    """Why any of them is odd, with the number where it is not all of them."""
    said = []
    for status in dict.fromkeys(point.standing for point in own if _is_odd(point)):
        number = sum(point.standing is status for point in own)
        said.append(str(status) if number == len(own) else f"{number} of {len(own)} {status}")
    return "; ".join(said)


def _facts(own: Sequence[ListedPoint], now: datetime) -> str:
    """`29 h old, used part of 192 GB, 0.31 USD a month (0.10 to 0.90)`."""
    made = [point.made_at for point in own if point.made_at is not None]
    old = f"{age(now - min(made))} old" if made else "of unknown age"
    return f"{old}, {_size_billed(own)}, {month_words(_cost_lines(own))}"


def _size_billed(own: Sequence[ListedPoint]) -> str:
    """A disk is billed by its tier, a point by its used size, which Azure does not show."""
    of = f"{sum(point.size_gib for point in own):,} GB"
    if all(point.kind is Kind.DISK for point in own):
        return f"the tier of {of}"
    billed = [point.billed_gib for point in own if point.billed_gib is not None]
    if len(billed) < len(own):
        return f"used part of {of}"
    return f"{quantity(sum(billed, Decimal(0)))} GB of {of}"


def _ends(own: Sequence[ListedPoint]) -> list[tuple[str, datetime]]:
    """The next expiry, and the end of what is immutable for longer: none is promised before."""
    held = [each.immutable_until for each in own if each.is_immutable_longer]
    expiries = [each.expires_at for each in own if each.expires_at and not each.is_immutable_longer]
    ends = [("kept until", min(expiries))] if expiries else []
    last = max((until for until in held if until is not None), default=None)
    if last is not None:
        number = "" if len(held) == len(own) else f"{len(held)} of {len(own)} "
        ends.append((f"{number}immutable until", last))
    return ends


def _buttons(own: Sequence[ListedPoint], title: str) -> Iterator[Element]:
    """None for what the ledger lacks: vmbackup changes only what it knows that it made."""
    there = [point for point in own if point.standing in _IN_LEDGER]
    if own[0].request_id:
        verbs = verbs_for([each.kind for each in there], [each.expires_at for each in there])
        yield from made_buttons(own[0].request_id, title, verbs)


def _cost_lines(points: Sequence[ListedPoint]) -> list[tuple[str, str, Money | None]]:
    """A line for each point that exists; a vanished point costs nothing any more."""
    return [
        (point.disk_name or short_name(point.arm_id), point.currency, point.cost_a_month)
        for point in points
        if point.standing is not PointStatus.VANISHED
    ]


def _unlooked_after(by_request: Sequence[Sequence[ListedPoint]]) -> tuple[str, ...]:
    """How much stands first because its VM is not found or nothing deletes it."""
    number = sum(each.standing in _ORPHANS for own in by_request for each in own)
    if not number:
        return ()
    are = "is" if number == 1 else "are"
    return (
        f"{number:,} of them {are} of a VM that is not found, or nothing deletes them by itself.",
    )


def _is_odd(point: ListedPoint) -> bool:
    return point.standing is not PointStatus.KEPT
