"""What was measured of a VM, as people read it: figures with source and age, and what they did."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from decimal import Decimal

from advisor.measured_sizes import days_ago
from advisor.model import (
    Advice,
    Measurements,
    Monthly,
    Range,
    RestoreMeasured,
    SizeMeasured,
    Source,
)
from advisor.model.measure_report import MeasureReport
from advisor.options.descriptions import option_names
from advisor.present.blocks import Block, BulletList, Document, Grid, GridRow, Paragraph
from advisor.words import (
    about,
    brief_likely,
    brief_span,
    capital,
    clean,
    quantity,
    quantity_range,
    sentence,
)

_TENTH = Decimal("0.1")
#: A fold that is no narrower than this is not said to be.
_SAME = Decimal("0.05")


def measure_document(report: MeasureReport) -> Document:
    """Answer, figures, what is not measured, what would add more."""
    vm = report.after.known.vm
    blocks: list[Block] = [
        Paragraph(text, strong=not place) for place, text in enumerate(_answer(report))
    ]
    rows = tuple(_figures(report))
    if rows:
        head = (("Measured",), ("Figure",), ("When",), ("By",))
        blocks.append(Grid("Measured", head, rows))
    if report.unread:
        names = dict.fromkeys(sentence(str(each)) for each in report.unread)
        blocks.append(BulletList("Not measured", tuple(names)))
    if more := measure_more(report):
        blocks.append(BulletList("What would tell more", more))
    return Document(f"{clean(vm.name)}: what is measured", tuple(blocks))


# --- what it did to the price ------------------------------------------------------------------


def _answer(report: MeasureReport) -> Iterator[str]:
    before, after = report.before.decision.plan, report.after.decision.plan
    if after is None or before is None:
        yield capital(report.after.decision.sentence)
        return
    name, was = option_names(after.options), _priced(before.monthly)
    yield f"{capital(name)}: {_priced(after.monthly)} a month{_folded(report)}."
    if set(before.options) != set(after.options):
        yield f"With nothing measured it was {option_names(before.options)}: {was} a month."
    elif before.monthly != after.monthly:
        yield f"With nothing measured: {was} a month."


def _priced(monthly: Monthly) -> str:
    """`31 USD (8 to 137)`."""
    if monthly.likely is None or monthly.high is None:
        return f"{brief_likely(monthly)} {monthly.currency}, a price is missing"
    between = brief_span(monthly.low, monthly.high, monthly.likely)
    return f"{brief_likely(monthly)} {monthly.currency}" + (f" ({between})" if between else "")


def fold(advice: Advice) -> Decimal | None:
    """High over low of what the plan costs; None where a price is missing or nothing costs."""
    monthly = advice.decision.plan.monthly if advice.decision.plan else None
    if monthly is None or monthly.high is None or not monthly.low:
        return None
    return (monthly.high / monthly.low).quantize(_TENTH)


def _folded(report: MeasureReport) -> str:
    was, now = fold(report.before), fold(report.after)
    if was is None or now is None:
        return ""
    if abs(was - now) <= _SAME:
        return f"; the range stays {now}-fold"
    how = "narrowed" if now < was else "widened"
    return f"; the range {how} from {was}-fold to {now}-fold"


# --- the figures -------------------------------------------------------------------------------


def _figures(report: MeasureReport) -> Iterator[GridRow]:
    known = report.after.known
    measured = known.measured
    yield from (
        _size("In use", one, "GB", measured, place) for place, one in enumerate(report.used)
    )
    yield from (
        _size("Changed a day", one, "GB", measured, place)
        for place, one in enumerate(report.changed)
    )
    if known.writes is not None:
        over = f"last {known.writes.days} days"
        written = f"{quantity(known.writes.written_gib_per_day)} GB"
        peak = f"{quantity(known.writes.peak_mb_per_s)} MB/s"
        yield GridRow((("Written a day",), (written,), (over,), ("Azure Monitor",)))
        yield GridRow((("Written in the busiest hour",), (peak,), (over,), ("Azure Monitor",)))
    yield from (_restore(one, measured) for one in measured.restores)


def _size(name: str, one: SizeMeasured, unit: str, measured: Measurements, place: int) -> GridRow:
    """The first of several is what the advice takes."""
    said = name if not place else f"{name}, also"
    figure = quantity_range(_rounded(one.gib), unit)
    when = days_ago(measured.age_days(one.on))
    return GridRow(((said,), (figure,), (when,), (clean(one.said),)))


def _rounded(value: Range) -> Range:
    return Range(*(round(end, 1) for end in value))


def _restore(one: RestoreMeasured, measured: Measurements) -> GridRow:
    whose = "this VM" if one.is_own else clean(one.vm)
    name = f"Back from {one.place.value}"
    when = days_ago(measured.age_days(one.ended))
    return GridRow(
        ((name,), (about(one.took),), (when,), (f"{one.what} of {whose}, {clean(one.by)}",))
    )


# --- what would tell more ------------------------------------------------------------------------


def measure_more(report: MeasureReport) -> tuple[str, ...]:
    """What one click, one snapshot, one rehearsal would tell, with the range that it leaves."""
    return tuple(_more(report))


def _more(report: MeasureReport) -> Iterator[str]:
    after = report.after
    name = shlex.quote(clean(after.known.vm.name))
    left = {each.flag: _left(after, each.low, each.high) for each in after.narrowing}
    if after.sizing.used_gib.source is Source.ASSUMED:
        yield (
            f"A snapshot of each disk (one click in Slack, or `/vmbackup snapshot {name}`), billed "
            f"for a week, tells the data in use{left.get('--used', '')}."
        )
        if not report.asks_workspace:
            yield (
                "Where VM insights runs, `--workspace ID` reads the used size from the VM's own "
                f"file systems at once{left.get('--used', '')}."
            )
    if after.sizing.changed_gib_per_day.source is Source.ASSUMED:
        yield (
            "A second snapshot some days after the first, billed alike, tells what changed between "
            f"them{left.get('--churn', '')}."
        )
    yield from _rehearsals(after)


def _left(advice: Advice, low: Decimal, high: Decimal) -> str:
    monthly = advice.decision.plan.monthly if advice.decision.plan else None
    if monthly is None or monthly.likely is None:
        return ""
    between = brief_span(low, high, monthly.likely)
    return f"; the range would be {between} {monthly.currency}" if between else ""


def _rehearsals(advice: Advice) -> Iterator[str]:
    plan = advice.decision.plan
    tiers = [tier for part in plan.parts for tier in part.proposal.tiers] if plan else []
    names = (tier.name.replace("-", " ") for tier in tiers if tier.rto.source == "assumed")
    assumed = dict.fromkeys(names)
    if assumed:
        yield f"A rehearsed restore tells how soon it is back from {_listed(assumed)}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
