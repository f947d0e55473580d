"""A fleet as CSV: a line of each VM, then a line of each finding, told apart by the first column.

A cell that a spreadsheet would take for a formula has an apostrophe before it: names and tags are
strangers' text (OWASP, CSV Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from advisor.model import Monthly
from advisor.model.fleet import FleetFinding, FleetReport, FleetRow
from advisor.quantities import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
VM = "vm"

COLUMNS = (
    *("what", "name", "group", "subscription_id", "region", "tier", "state", "said", "action"),
    *("meets", "today", "after", "difference", "saves_least", "saves_most", "counted", "costs"),
    *("currency", "id"),
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
        *(_plain(row.difference), "", "", "", "", currency, row.vm_id),
    ]


def _of_finding(finding: FleetFinding, currency: str) -> list[str]:
    saves = finding.saves
    return [
        *(finding.kind.value, finding.subject, finding.group, finding.subscription_id),
        *(finding.region, "", "", finding.said, "", "", "", "", ""),
        *(_plain(saves.least) if saves else "", _plain(saves.most) if saves else ""),
        *("yes" if finding.counted else "no", _plain(finding.costs), currency),
        finding.subject_id,
    ]


def _likely(monthly: Monthly | None) -> str:
    return "" if monthly is None else _plain(monthly.likely)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
