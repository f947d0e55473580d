"""The options side by side: one column each, the recommended plan first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import (
    Advice,
    Assessment,
    Event,
    Monthly,
    Plan,
    ProtectionState,
    Recovery,
    Rto,
    Verdict,
)
from advisor.options import OPTIONS
from advisor.options.descriptions import (
    configuration_parts,
    configuration_words,
    kept_words,
    option_names,
)
from advisor.present.blocks import Cell, Grid, GridRow
from advisor.recommend.look import served
from advisor.words import (
    VERDICT_WORDS,
    about,
    capital,
    counted,
    duration,
    listed,
    monthly_likely,
    monthly_span,
)

NOT_GIVEN = "-"
ABOUT = "~ This RTO is assumed from the used size: rehearse a restore to know."
MOST_COLUMNS = 4  #: more of them are not read side by side in 80 columns
#: The columns after the recommended one have the order of the table.
_ORDER = {option.name: place for place, option in enumerate(OPTIONS)}
_AFTER = {
    Event.DELETION: "Deletion",
    Event.ZONE: "Zone lost",
    Event.REGION: "Region lost",
}


class Column(NamedTuple):
    """One plan as the table shows it."""

    mark: str  #: recommended, in place, nearest or empty
    parts: tuple[Assessment, ...]
    monthly: Monthly
    met: frozenset[Event]
    meets_need: bool | None

    @property
    def allowed(self) -> Verdict:
        verdicts = {part.verdict for part in self.parts}
        worst_first = (Verdict.NO, Verdict.UNKNOWN, Verdict.YES)
        return next(verdict for verdict in worst_first if verdict in verdicts)


def best_of_each(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """The best of each option, in the order of the columns; `assessments` are best first."""
    best: dict[str, Assessment] = {}
    for assessment in assessments:
        best.setdefault(assessment.option, assessment)
    return tuple(sorted(best.values(), key=lambda each: _ORDER.get(each.option, len(_ORDER))))


def columns(advice: Advice) -> tuple[Column, ...]:
    """The recommended plan, what is in place, then the best of each other option."""
    plan = advice.recommended
    first = (of_plan(plan),) if plan else ()
    shown = plan.options if plan and len(plan.parts) == 1 else ()
    best = [each for each in best_of_each(advice.assessments) if each.option not in shown]
    room = MOST_COLUMNS - len(first) - len(best)
    parts = plan.parts if plan else ()
    today = of_today(advice, best, parts)[: max(0, room)]
    return (*first, *today, *(of_assessment(each) for each in best))


def of_today(
    advice: Advice, best: Sequence[Assessment], parts: Sequence[Assessment]
) -> tuple[Column, ...]:
    """What is in place and has no column yet; only what is active gives what it promises.

    `best` and `parts`, of the plan, have their columns.
    """
    known = [_identity(each) for each in (*best, *parts)]
    active = (
        each.assessment
        for each in advice.in_place
        if each.protection.state is ProtectionState.ACTIVE
    )
    return tuple(
        of_assessment(each)._replace(mark="in place")
        for each in active
        if each is not None and _identity(each) not in known
    )


def _identity(each: Assessment) -> tuple[str, str]:
    return each.option, configuration_words(each.option, each.proposal.configuration)


def of_assessment(assessment: Assessment) -> Column:
    """One option alone."""
    return Column(
        "in place" if assessment.in_place else "",
        (assessment,),
        assessment.monthly,
        assessment.met,
        assessment.meets_need,
    )


def of_plan(plan: Plan) -> Column:
    """One plan, with its parts together."""
    mark = "in place" if plan.in_place else "recommended"
    return Column(mark, plan.parts, plan.monthly, plan.met, not plan.unmet)


def comparison(advice: Advice) -> Grid:
    """The table of the options side by side."""
    shown = columns(advice)
    asked = frozenset(event for event in Event if advice.need.of(event) is not None)
    meets = (("Meets need",), *(_meets(each, asked) for each in shown))
    rows = [*_rows(shown), GridRow(meets, judged=True)]
    notes = (_priced(advice.assessments), ABOUT if _assumes(shown) else "")
    return Grid(
        title="Side by side",
        head=((), *(_head(each) for each in shown)),
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    )


def alone(assessment: Assessment) -> Grid:
    """The same table of one option."""
    shown = (of_assessment(assessment),)
    notes = (ABOUT,) if _assumes(shown) else ()
    return Grid("What it gives", ((), _head(shown[0])), tuple(_rows(shown)), notes=notes)


def _rows(shown: Sequence[Column]) -> Iterator[GridRow]:
    yield GridRow((("Set up as",), *(_set_up(each) for each in shown)))
    yield GridRow((("Allowed",), *(_allowed(each) for each in shown)))
    yield GridRow((("A month",), *(_month(each) for each in shown)), strong=True)
    for event in Event:
        yield GridRow(((_AFTER[event],), *(_event(each, event) for each in shown)))
    yield GridRow((("Keeps",), *(_keeps(each) for each in shown)))


def _priced(assessments: Sequence[Assessment]) -> str:
    if len(assessments) <= len(best_of_each(assessments)):
        return ""
    return f"Each column is the best of its kind, out of {len(assessments)} set-ups priced."


def _assumes(shown: Iterable[Column]) -> bool:
    """Whether any cell of the table holds the sign."""
    cells = (_event(each, event) for each in shown for event in Event)
    return any(ABOUT[0] in line for cell in cells for line in cell)


# --- cells -----------------------------------------------------------------------------------


def _head(column: Column) -> Cell:
    first, *others = (option_names((part.option,)) for part in column.parts)
    name = (first, *(f"+ {other}" for other in others))
    return (*name, f"({column.mark})") if column.mark else name


def _set_up(column: Column) -> Cell:
    if len(column.parts) > 1:
        return ("As said above",)
    part = column.parts[0]
    said = configuration_parts(part.option, part.proposal.configuration, keeps=False)
    return (capital(", ".join(said)) or NOT_GIVEN,)


def _allowed(column: Column) -> Cell:
    verdict = column.allowed
    beside = "" if verdict is Verdict.YES else ", see below"
    return (VERDICT_WORDS[verdict] + beside,)


def _month(column: Column) -> Cell:
    between = monthly_span(column.monthly)
    likely = monthly_likely(column.monthly)
    return (likely, between) if between else (likely,)


def _event(column: Column, event: Event) -> Cell:
    """RPO and RTO; nothing of an option that the VM may not use."""
    if column.allowed is Verdict.NO:
        return (NOT_GIVEN,)
    given = best_recovery(column.parts, event)
    if given is None:
        return ("not covered",)
    return (f"RPO {duration(given.rpo)}", f"RTO {sooner(given.rto)}")


def sooner(rto: Rto) -> str:
    """`1 h`, `~3 h` where it is assumed."""
    documented = rto.source == "documented"
    return duration(rto.likely) if documented else f"{ABOUT[0]}{about(rto.likely)}"


def best_recovery(parts: Iterable[Assessment], event: Event) -> Recovery | None:
    """The best that any part gives: the least lost, then the soonest back.

    Where only parts together hold every disk, all is back when the last of them is.
    """
    given = [(part, part.recovery.get(event)) for part in parts]
    known = [(part, what) for part, what in given if what is not None]
    whole = [what for part, what in known if not _leaves_out(part, event)]
    if whole or len(known) < 2:
        every = whole or [what for _, what in known]
        return min(every, key=lambda each: (each.rpo, each.rto.likely), default=None)
    latest = max((what for _, what in known), key=lambda each: each.rto.likely)
    return latest._replace(rpo=max(what.rpo for _, what in known))


def _leaves_out(part: Assessment, event: Event) -> bool:
    """Whether a disk is in none of its points that serve the event."""
    tiers = [tier.left_out for tier in part.proposal.tiers if event in served(tier)]
    return bool(tiers) and bool(frozenset.intersection(*tiers))


def _keeps(column: Column) -> Cell:
    if len(column.parts) == 1:
        return (_kept(column.parts[0]) or NOT_GIVEN,)
    kept = (_kept(part) for part in column.parts)
    return tuple(words for words in kept if words)


def _kept(part: Assessment) -> str:
    longest = max((tier.retention_days for tier in part.proposal.tiers), default=0)
    said = kept_words(part.option, part.proposal.configuration).replace(",", ", ")
    return said or (counted(longest, "day") if longest else "")


def _meets(column: Column, asked: frozenset[Event]) -> Cell:
    if column.meets_need is None:
        return (NOT_GIVEN,)
    if column.allowed is Verdict.NO:
        return ("no",)
    if column.meets_need:
        return ("yes",)
    lacking = [event.value for event in Event if event in asked - column.met]
    return ("no", f"not for {listed(lacking)}") if lacking else ("no, see below",)
