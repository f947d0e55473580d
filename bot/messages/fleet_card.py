"""The whole fleet as a message: how it stands, the worst, what can be saved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.model import StateNow
from advisor.model.fleet import FleetFinding, FleetReport
from advisor.present.fleet_text import (
    PROTECTION,
    finding_words,
    kinds_words,
    money_words,
    protection_costs,
    wasted,
)
from advisor.present.fleet_words import where_words
from advisor.present.short_form import SIGNS
from advisor.words import counted, listed, prices_dated
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

WORST, DEAREST = 5, 3  #: findings that are named; the file has the others
_HEADLINE, _LINE, _NAME = 150, 280, 90
_UNREAD = 3
#: The worst first: the sign of a fleet is that of its worst VM.
_BY_STATE = (
    StateNow.UNPROTECTED,
    StateNow.BROKEN,
    StateNow.PARTLY,
    StateNow.UNKNOWN,
    StateNow.SETTING_UP,
    StateNow.PROTECTED,
)


def fleet_card(report: FleetReport, unread: Sequence[str], sent: Sequence[str]) -> Message:
    """For whoever asked. `unread`: what could not be read, as clauses that name no command of a
    terminal; `sent`: where the files are, or why they are not, as sentences."""
    title, partial = headline(report), list(_partial(unread))
    money = [protection_costs(report), *_savings(report)]
    worst = _worst(report)
    blocks: list[Block] = [header(f"{_sign(report)} {title}"), *map(section, partial)]
    if worst:
        blocks.append(rich_text(paragraph(run("Worst", _NAME, bold=True)), bullets(worst)))
        blocks.append(section(kinds_words(report)))
    blocks.append(section(" ".join(money)))
    if dearest := _dearest(report):
        blocks.append(rich_text(paragraph(run("To save", _NAME, bold=True)), bullets(dearest)))
    small_print = [*sent, *_small_print(report)]
    blocks += [context(*small_print)] if small_print else []
    spoken = [f"{title}.", *partial, *_spoken(report), *money, *small_print]
    return Message(text=top_level(spoken), blocks=tuple(blocks))


def headline(report: FleetReport) -> str:
    """`44 VMs: 26 unprotected, 12 partly protected, 3 broken, 2 protected`."""
    sums = report.sums
    states = [f"{count:,} {state.value}" for state, count in sums.by_state.items()]
    return cut(f"{counted(sums.vms, 'VM')}: {', '.join(states)}", _HEADLINE)


def _sign(report: FleetReport) -> str:
    there = report.sums.by_state
    return SIGNS[next((state for state in _BY_STATE if there.get(state)), StateNow.UNKNOWN)].emoji


def _partial(unread: Sequence[str]) -> Iterator[str]:
    """A part is called one, before any figure of it is read."""
    if unread:
        more = len(unread) - _UNREAD
        said = [cut(each, _LINE) for each in unread[:_UNREAD]]
        said += [f"{more:,} more"] if more > 0 else []
        yield (
            f"This is part of the fleet, not all of it. Not read: {listed(said)}. What was not "
            "read is unknown here, and no VM is called unprotected because of it. Ask again in a "
            "few minutes: within half an hour the reading goes on from what could be kept of it."
        )


def _found(report: FleetReport) -> list[FleetFinding]:
    return [each for each in report.findings if each.kind in PROTECTION]


def _worst(report: FleetReport) -> list[Element]:
    return [_named(each, finding_words(each, report.currency)) for each in _found(report)[:WORST]]


def _named(each: FleetFinding, said: str) -> Element:
    where = f" ({where_words(each)}): {said}"
    return paragraph(run(each.subject, _NAME, bold=True), _after(where))


def _after(text: str) -> Element:
    """A run that goes on after a name: its space at the start stays."""
    return {"type": "text", "text": f" {cut(text, _LINE)}"}


def _savings(report: FleetReport) -> Iterator[str]:
    if wasted(report):
        saves = money_words(report.saves, report.currency)
        yield f"To save: {saves} a month, and every need that is met stays met."
    else:
        yield "Nothing is advised that costs less."
    apart = [each for each in report.findings if each.saves is not None and not each.counted]
    if apart:
        yield (
            f"Beyond the need, and not advised away: {counted(len(apart), 'finding')},"
            f" {money_words(report.apart, report.currency)} a month."
        )


def _dearest(report: FleetReport) -> list[Element]:
    return [
        _named(each, f"{money_words(each.saves, report.currency)} a month")
        for each in wasted(report)[:DEAREST]
        if each.saves is not None
    ]


def _spoken(report: FleetReport) -> Iterator[str]:
    for number, each in enumerate(_found(report)[:WORST]):
        start, said = "" if number else "Worst: ", finding_words(each, report.currency)
        yield f"{start}{each.subject} ({where_words(each)}): {said}."


def _small_print(report: FleetReport) -> Iterator[str]:
    if report.azure is not None:
        calls = counted(report.azure.calls, "call")
        yield f"Read from Azure in {calls} and {report.azure.seconds} s."
    if prices := prices_dated(report.prices_as_of, report.prices_age_days):
        yield prices
