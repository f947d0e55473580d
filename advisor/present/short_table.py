"""The options in a small table: four columns, the plan that is decided on first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import (
    Advice,
    Assessment,
    Course,
    Event,
    Need,
    PointTier,
    Recovery,
    Verdict,
)
from advisor.options.descriptions import option_names
from advisor.present.comparison import (
    ABOUT,
    MOST_COLUMNS,
    Column,
    best_of_each,
    best_recovery,
    of_assessment,
    of_plan,
    of_today,
    sooner,
)
from advisor.recommend.look import (
    NO_COMMON_MOMENT,
    NOT_ISOLATED,
    least_lacking,
    looked_at,
    wanted,
)
from advisor.words import after_colon, brief_month, counted, duration, sentence

_HEADS = {
    Event.DELETION: "If it is deleted",
    Event.ZONE: "If the zone is lost",
    Event.REGION: "If the region is lost",
}
NOT_COVERED = "not covered"
ASSUMED = f"{ABOUT[0]} assumed from the size: rehearse a restore to know."
#: What a tier lacks, as a cell says it after "no: ".
_IN_A_CELL = {NOT_ISOLATED: "can be deleted with the VM", NO_COMMON_MOMENT: NO_COMMON_MOMENT}


class OptionCell(NamedTuple):
    """What one option gives for one event. `unmet`: the need asks for more."""

    text: str
    unmet: bool = False


class OptionRow(NamedTuple):
    """One option. `why_not` stands in the place of the two cells where it may not be used."""

    names: tuple[str, ...]  #: `Azure Backup`, `+ Site Recovery`
    chosen: bool  #: marked with an arrow
    cells: tuple[OptionCell, OptionCell]
    monthly: str
    why_not: str = ""


class OptionsTable(NamedTuple):
    """The head has four texts; `assumed`: a time in it is assumed, which a note says."""

    head: tuple[str, str, str, str]
    rows: tuple[OptionRow, ...]
    assumed: bool


def options_table(advice: Advice) -> OptionsTable:
    """The decided plan, what is in place, then the best of each other option; no more than four.

    Where there is nothing to protect there are no options.
    """
    events = _events(advice.need)
    shown = tuple(_columns(advice))[:MOST_COLUMNS]
    labels = _labels(shown)
    rows = tuple(
        _row(column, label, events, advice, chosen=number == 0 and advice.decision.plan is not None)
        for number, (column, label) in enumerate(zip(shown, labels, strict=True))
    )
    head = ("Option", _HEADS[events[0]], _HEADS[events[1]], f"{advice.currency} a month")
    said = (cell.text for row in rows if not row.why_not for cell in row.cells)
    return OptionsTable(head, rows, any(ABOUT[0] in text for text in said))


def _events(need: Need) -> tuple[Event, Event]:
    """Deletion, and the region; the zone where only that is asked for."""
    elsewhere = Event.ZONE if need.zone and not need.region else Event.REGION
    return Event.DELETION, elsewhere


def _columns(advice: Advice) -> Iterator[Column]:
    plan = advice.decision.plan
    parts = plan.parts if plan else ()
    if Course.NOTHING_TO_PROTECT in advice.decision.courses:
        return
    if plan is not None:
        yield of_plan(plan)
    best = best_of_each(advice.assessments)
    alone = plan.options if plan and len(plan.parts) == 1 else ()
    others = [each for each in best if each.option not in alone]
    yield from of_today(advice, others, parts)
    yield from (of_assessment(each) for each in others)


def _labels(shown: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    """The names of each row; of two rows of the same options one is in place or new."""
    every = [tuple(part.option for part in column.parts) for column in shown]
    for column, options in zip(shown, every, strict=True):
        first, *rest = (option_names((option,)) for option in options)
        names = (first, *(f"+ {name}" for name in rest))
        if every.count(options) > 1:
            standing = all(part.in_place for part in column.parts)
            names = (*names, "(in place)" if standing else "(new)")
        yield names


def _row(
    column: Column,
    names: tuple[str, ...],
    events: tuple[Event, Event],
    advice: Advice,
    *,
    chosen: bool,
) -> OptionRow:
    cells = (_cell(column, events[0], advice.need), _cell(column, events[1], advice.need))
    stands = chosen and bool(_STANDS & set(advice.decision.courses))
    why_not = "" if stands or all(part.in_place for part in column.parts) else _why_not(column)
    monthly = "" if why_not and column.allowed is Verdict.NO else brief_month(column.monthly)
    return OptionRow(names, chosen, cells, monthly, why_not)


#: Courses in which what is in place stays: it works, whatever the rules say of a new one.
_STANDS = frozenset({Course.KEEP, Course.WAIT, Course.FIX, Course.ADJUST, Course.ADD, Course.END})


def _why_not(column: Column) -> str:
    """The first rule that forbids it, or that could not be decided."""
    if column.allowed is Verdict.YES:
        return ""
    start = "no: " if column.allowed is Verdict.NO else "not known: "
    reasons = (
        reason.text
        for part in column.parts
        for reason in part.proposal.reasons
        if reason.blocking and reason.verdict is column.allowed and not reason.not_supplied
    )
    return start + after_colon(next(reasons, "its rules were not read"))


def _cell(column: Column, event: Event, need: Need) -> OptionCell:
    asked = need.of(event) is not None
    given = best_recovery(column.parts, event)
    if given is None:
        return OptionCell(NOT_COVERED, asked)
    if asked and event not in column.met:
        lacking = next(_lacking(column.parts, event, need), "")
        if lacking:
            return OptionCell(f"no: {_IN_A_CELL.get(lacking, lacking)}", True)
        return OptionCell(_times(given), True)
    return OptionCell(_times(given))


def _times(given: Recovery) -> str:
    return f"lose {duration(given.rpo)}, back in {sooner(given.rto)}"


def _lacking(parts: Iterable[Assessment], event: Event, need: Need) -> Iterator[str]:
    """What the tier that lacks least for the event lacks, the most telling first; the disks that
    are in no point, where one lacks nothing else."""
    asked = wanted(need)
    looks = [looked_at(tier, asked) for tier in _tiers(parts)]
    serving = [look for look in looks if event in look.lacks]
    if any(not look.lacks[event] for look in serving):
        nowhere = frozenset.intersection(*(look.tier.left_out for look in serving))
        if nowhere:
            yield f"{counted(len(nowhere), 'disk')} in no point"
    yield from sorted(least_lacking(serving, event), key=lambda text: text != NOT_ISOLATED)


def _tiers(parts: Iterable[Assessment]) -> Iterator[PointTier]:
    for part in parts:
        yield from part.proposal.tiers


def sentence_of(row: OptionRow, head: Sequence[str]) -> str:
    """A row as a sentence, for whoever hears it: `Azure Backup: if it is deleted: lose 24 h …`."""
    name = " ".join(row.names)
    if row.why_not:
        return sentence(f"{name}: {row.why_not}")
    said = [f"{title[:1].lower()}{title[1:]}: {cell.text}"
            for title, cell in zip(head[1:3], row.cells, strict=True)]  # fmt: skip
    return sentence(f"{name}: {'; '.join(said)}; {row.monthly} {head[3]}")
