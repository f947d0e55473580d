"""The weekly digest as a message for its channel: what changed, why, what it costs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from advisor.fleet.changes import ChangeKind, VmChange
from advisor.fleet.lost_scopes import LostScope
from advisor.fleet.price_moves import BillMoved, MoveEffect, is_told
from advisor.model import StateNow
from advisor.present.short_form import SIGNS
from advisor.words import brief_money, counted, listed
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    bullets,
    context,
    cut,
    header,
    paragraph,
    rich_text,
    run,
    section,
    top_level,
)
from bot.messages.money_words import exact_words
from bot.requests.moments import day_words

#: What a channel reads at a glance; the others are counted, and the file has them.
VMS_SHOWN, PRICES_SHOWN, LOST_SHOWN = 6, 3, 3
MOST_LINES = 20_000  #: of the file: some megabytes, which the outbox holds until it is sent
_NAME, _LINE, _HEADLINE, _UNREAD = 90, 320, 150, 2
_PERCENT = Decimal(100)
KIND_WORDS = {
    ChangeKind.JOB_FAILED: "with a job that failed",
    ChangeKind.LESS_PROTECTED: "less protected",
    ChangeKind.APPEARED: "new here and not protected",
    ChangeKind.RPO_GREW: "with a larger RPO",
    ChangeKind.DECISION_FLIPPED: "with another advice",
    ChangeKind.GONE: "gone",
}


class Digest(NamedTuple):
    """What is told. `unread`: what could not be read this time, as clauses."""

    vms: Sequence[VmChange]
    moved: BillMoved
    since: datetime
    unread: Sequence[str]
    currency: str
    lost: Sequence[LostScope] = ()

    @property
    def prices(self) -> list[MoveEffect]:
        """The moves that change a bill by enough to be told."""
        return [each for each in self.moved.effects if is_told(each)]

    @property
    def is_silent(self) -> bool:
        """Whether nothing changed."""
        return not self.vms and not self.prices and not self.lost


def digest_card(digest: Digest) -> Message:
    """For the whole channel."""
    title = _title(digest)
    shown = [
        *map(_lost_line, digest.lost[:LOST_SHOWN]),
        *(_line(change, digest.currency) for change in digest.vms[:VMS_SHOWN]),
        *(price_line(each, digest.currency) for each in digest.prices[:PRICES_SHOWN]),
    ]
    blocks: list[Block] = [header(f"{_sign(digest)} {title}".strip())]
    blocks.append(rich_text(bullets([_element(*each) for each in shown])))
    more = list(_more(digest))
    blocks += [section(text) for text in more]
    small_print = list(_small_print(digest))
    blocks += [context(*small_print)] if small_print else []
    spoken = [f"{name}: {said}" for name, said in shown]
    text = top_level([f"{title}.", *spoken, *more, *small_print])
    return Message(text=text, blocks=tuple(blocks), public=True)


def digest_file(digest: Digest, at: datetime) -> dict[str, Any] | None:
    """A message with every change as a file; None where the card names them all."""
    is_short = len(digest.vms) <= VMS_SHOWN and len(digest.prices) <= PRICES_SHOWN
    if is_short and len(digest.lost) <= LOST_SHOWN:
        return None
    lines = list(islice(_lines(digest), MOST_LINES))
    more = len(digest.lost) + len(digest.vms) + len(digest.prices) - len(lines)
    lines += [f"and {more:,} more"] if more else []
    title = _title(digest)
    return {
        "text": f"{title}: every one of them.",
        "blocks": [],
        "file": {
            "name": f"fleet-changes-{at:%Y%m%d}.txt",
            "title": title,
            "content": "\n".join(lines) + "\n",
        },
    }


def _lines(digest: Digest) -> Iterator[str]:
    for subscription in digest.lost:
        yield ": ".join(_lost_line(subscription))
    for change in digest.vms:
        yield " ".join(_line(change, digest.currency))
    for each in digest.prices:
        yield ": ".join(price_line(each, digest.currency))


def _title(digest: Digest) -> str:
    """`Since 23 Nov 2026: 3 VMs changed, 1 price moved`."""
    gone = sum(each.is_gone for each in digest.lost)
    groups = sum(bool(each.group) for each in digest.lost)
    unreadable = len(digest.lost) - gone - groups
    parts = [f"{counted(gone, 'subscription')} gone"] if gone else []
    parts += [f"{counted(unreadable, 'subscription')} not to be read"] if unreadable else []
    parts += [f"{counted(groups, 'resource group')} not to be read"] if groups else []
    parts += [f"{counted(len(digest.vms), 'VM')} changed"] if digest.vms else []
    parts += [f"{counted(len(digest.prices), 'price')} moved"] if digest.prices else []
    return cut(f"Since {day_words(digest.since)}: {listed(parts)}", _HEADLINE)


def _sign(digest: Digest) -> str:
    states = [change.vm.state for change in digest.vms if ChangeKind.GONE not in change.kinds]
    for state in (StateNow.UNPROTECTED, StateNow.BROKEN, StateNow.PARTLY, StateNow.SETTING_UP):
        if state.value in states:
            return SIGNS[state].emoji
    return SIGNS[StateNow.PROTECTED].emoji if states else ""  # of prices and what is gone alone


def _lost_line(lost: LostScope) -> tuple[str, str]:
    """The subscription or resource group, and what is said of it."""
    return lost.name, lost.said


def _line(change: VmChange, currency: str) -> tuple[str, str]:
    """The name, and what is said of it: `(rg-shop, westeurope) It is new and unprotected. …`."""
    vm = change.vm
    said = [*change.said]
    if change.costs is not None and ChangeKind.GONE not in change.kinds:
        said.append(f"That costs {brief_money(change.costs, currency)} a month more.")
    where = ", ".join(filter(None, (vm.group, vm.region)))
    return vm.name, f"({where}) {' '.join(said)}"


def price_line(effect: MoveEffect, currency: str) -> tuple[str, str]:
    """The meter and region, and what its move does to the bill."""
    move = effect.move
    was, now = move.was.unit_price, move.now.unit_price
    share = f" ({(now - was) / was * _PERCENT:+.1f} %)" if was else ""
    per = f"{now.normalize():f} {currency} per {move.now.unit}, {was.normalize():f} before{share}"
    billed = f"{_signed(effect.today, currency)} on what protects {counted(effect.vms, 'VM')} today"
    does = [billed if effect.vms else "nothing on what protects VMs today"]
    if effect.after != effect.today:
        does.append(f"{_signed(effect.after, currency)} on what is advised")
    meter = move.now.meter
    return f"{meter.meter} ({meter.product}, {meter.region})", f"{per}. A month: {listed(does)}."


def _signed(value: Decimal, currency: str) -> str:
    word = "more" if value >= 0 else "less"
    return f"{exact_words(abs(value), currency)} {word}"


def _element(name: str, said: str) -> Element:
    return paragraph(run(name, _NAME, bold=True), {"type": "text", "text": f" {cut(said, _LINE)}"})


def _more(digest: Digest) -> Iterator[str]:
    """Who is not named here, by what is told of them."""
    if len(digest.lost) > LOST_SHOWN:
        groups = sum(bool(each.group) for each in digest.lost[LOST_SHOWN:])
        whole = len(digest.lost) - LOST_SHOWN - groups
        parts = [counted(whole, "more subscription")] if whole else []
        parts += [counted(groups, "more resource group")] if groups else []
        yield f"And {listed(parts)}."
    rest = digest.vms[VMS_SHOWN:]
    if rest:
        counts = Counter(change.kinds[0] for change in rest)
        said = listed(f"{count:,} {KIND_WORDS[kind]}" for kind, count in counts.items())
        yield f"And {counted(len(rest), 'more VM')}: {said}."
    if len(digest.prices) > PRICES_SHOWN:
        yield f"And {counted(len(digest.prices) - PRICES_SHOWN, 'more price')}."
    moved = digest.moved
    if len(digest.prices) > 1 and moved.today_before != moved.today_now:
        before, now = (brief_money(each, digest.currency) for each in moved[1:3])
        yield f"By all prices together protection costs {now} a month today, {before} before."


def _small_print(digest: Digest) -> Iterator[str]:
    if digest.unread:
        more = len(digest.unread) - _UNREAD
        said = [cut(each, 120) for each in digest.unread[:_UNREAD]]
        said += [f"{more:,} more"] if more > 0 else []
        yield f"Not read this time, so that nothing is said of it: {listed(said)}."
    yield "/vmbackup fleet shows every VM to those who may list."
