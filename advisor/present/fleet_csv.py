"""A fleet as CSV: a line of each VM, each finding, each group, each VM that a budget buys.

The first column tells them apart.

A cell that a spreadsheet would take for a formula has an apostrophe before it: names and tags are
strangers' text (OWASP, CSV Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from advisor.model import Monthly
from advisor.model.fleet import Bought, FleetFinding, FleetReport, FleetRow
from advisor.quantities import plain
from advisor.words import counted, listed

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
VM, SUM, TOP = "vm", "sum", "top"

COLUMNS = (
    *("what", "name", "group", "subscription_id", "region", "tier", "state", "said", "action"),
    *("meets", "today", "after", "difference", "saves_least", "saves_most", "counted", "costs"),
    *("running", "currency", "id", "conditions"),
)


def csv_header() -> str:
    """The names of the columns."""
    return csv_line(COLUMNS)


def csv_rows(
    rows: Iterable[FleetRow], write: Callable[[str], object], currency: str
) -> Iterator[FleetRow]:
    """Each VM as it is written, passed on for the sums."""
    for row in rows:
        write(csv_line(_of_vm(row, currency)))
        yield row


def csv_findings(report: FleetReport) -> Iterator[str]:
    """A line of each finding."""
    for finding in report.findings:
        yield csv_line(_of_finding(finding, report.currency))


def csv_groups(report: FleetReport) -> Iterator[str]:
    """A line of each group that was asked for; a sum of which no price is known is empty."""
    for name, sums in report.groups:
        states = [f"{count} {state.value}" for state, count in sums.by_state.items()]
        said = f"{counted(sums.vms, 'VM')}: {listed(states)}"
        lacking = sums.today_without_price, sums.after_without_price
        if any(lacking):
            said += f"; without a price: {lacking[0]} today, {lacking[1]} as advised"
        today = _plain(sums.today) if sums.today or not lacking[0] else ""
        after = _plain(sums.after) if sums.after or not lacking[1] else ""
        cells = [SUM, name, "", "", "", "", "", said, "", "", today, after]
        yield csv_line([*cells, "", "", "", "", "", "", report.currency, "", ""])


def csv_bought(bought: Iterable[Bought], currency: str) -> Iterator[str]:
    """A line of each VM whose need a budget meets, the most need for the money first."""
    for row, _, costs, running in bought:
        yield csv_line(
            [
                *(TOP, row.name, row.group, row.subscription_id, row.region, row.tier),
                *(row.state.value, row.todo, "", "", "", "", "", "", "", ""),
                *(_plain(costs), _plain(running), currency, row.vm_id, "; ".join(row.conditions)),
            ]
        )


def csv_line(cells: Iterable[str]) -> str:
    """One line, with every cell safe in a spreadsheet."""
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """The text; with an apostrophe first where a spreadsheet would calculate it. Numbers stay."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _of_vm(row: FleetRow, currency: str) -> list[str]:
    action = " and ".join(each.value for each in row.courses)
    return [
        *(VM, row.name, row.group, row.subscription_id, row.region, row.tier, row.state.value),
        *(row.todo, action, row.meets.value, _likely(row.today), _likely(row.after)),
        *(_plain(row.difference), "", "", "", "", "", currency, row.vm_id),
        "; ".join(row.conditions),
    ]


def _of_finding(finding: FleetFinding, currency: str) -> list[str]:
    saves = finding.saves
    return [
        *(finding.kind.value, finding.subject, finding.group, finding.subscription_id),
        *(finding.region, "", "", finding.said, "", "", "", "", ""),
        *(_plain(saves.least) if saves else "", _plain(saves.most) if saves else ""),
        *("yes" if finding.counted else "no", _plain(finding.costs), ""),
        *(currency, finding.subject_id, "; ".join(finding.conditions)),
    ]


def _likely(monthly: Monthly | None) -> str:
    return "" if monthly is None else _plain(monthly.likely)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
