"""A fleet as JSON, written row by row, in the shape that `fleet.schema.json` documents.

The rows come first, because the sums are known only after the last of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from advisor.model import Event, Monthly
from advisor.model.fleet import (
    AzureRead,
    Bought,
    FleetFinding,
    FleetReport,
    FleetRow,
    FleetSum,
    MoneySpan,
)
from advisor.present.json_values import Json, maybe, monthly_of
from advisor.quantities import plain

#: Of the shape; a change that could break a reader raises it.
VERSION = 1


def json_start() -> str:
    """What stands before the first row."""
    return f'{{"version": {VERSION}, "vms": ['


def json_rows(
    rows: Iterable[FleetRow], write: Callable[[str], object], *, ascii_only: bool
) -> Iterator[FleetRow]:
    """Each row as it is written, passed on for the sums."""
    before = "\n"
    for row in rows:
        write(before + json.dumps(row_to_dict(row), ensure_ascii=ascii_only))
        before = ",\n"
        yield row


def json_end(report: FleetReport, bought: Iterable[Bought] | None, *, ascii_only: bool) -> str:
    """What stands after the last row."""
    rest = report_to_dict(report, bought)
    return "\n], " + json.dumps(rest, indent=2, ensure_ascii=ascii_only)[1:].lstrip() + "\n"


def report_to_dict(report: FleetReport, bought: Iterable[Bought] | None) -> Json:
    """The report without its rows. MoneySpan is a decimal string, what is not known is null."""
    return {
        "currency": report.currency,
        "sums": _sums(report.sums),
        "groups": [{"name": each.name, **_sums(each.sums)} for each in report.groups],
        "saves": _money(report.saves),
        "apart": _money(report.apart),
        "findings": [finding_to_dict(each) for each in report.findings],
        "top": None if bought is None else [_bought(each) for each in bought],
        "unread": list(report.unread),
        "azure": maybe(_azure, report.azure),
        "prices_as_of": report.prices_as_of or None,
    }


def row_to_dict(row: FleetRow) -> Json:
    """One VM."""
    return {
        "id": row.vm_id,
        "name": row.name,
        "group": row.group,
        "subscription_id": row.subscription_id,
        "region": row.region,
        "tags": dict(row.tags),
        "tier": row.tier,
        "state": row.state.value,
        "state_words": row.state_words,
        "not_read": list(row.not_read),
        "action": [each.value for each in row.courses],
        "todo": row.todo,
        "meets": row.meets.value,
        "conditions": list(row.conditions),
        "asked": _events(row.asked),
        "met_today": _events(row.met_today),
        "met_after": _events(row.met_after),
        "today": maybe(_monthly, row.today),
        "after": maybe(_monthly, row.after),
        "difference": maybe(plain, row.difference),
        "lost_hours_today": _hours(row.lost_hours_today),
        "lost_hours_after": _hours(row.lost_hours_after),
        "data_gib": row.data_gib,
        "options": {each.option: _monthly(each.monthly) for each in row.options},
        "findings": [each.kind.value for each in row.findings],
    }


def finding_to_dict(finding: FleetFinding) -> Json:
    """One finding."""
    return {
        "kind": finding.kind.value,
        "subject": finding.subject,
        "id": finding.subject_id,
        "group": finding.group,
        "subscription_id": finding.subscription_id,
        "region": finding.region,
        "said": finding.said,
        "evidence": list(finding.evidence),
        "saves": maybe(_money, finding.saves),
        "counted": finding.counted,
        "costs": maybe(plain, finding.costs),
        "leaves_unmet": finding.leaves_unmet,
        "conditions": list(finding.conditions),
        "at_stake_gib": finding.at_stake_gib,
        "lost": _events(finding.lost),
    }


def _azure(read: AzureRead) -> Json:
    return {"calls": read.calls, "seconds": plain(read.seconds)}


def _monthly(monthly: Monthly) -> Json:
    return monthly_of(monthly)


def _events(events: Iterable[Event]) -> list[str]:
    return [event.value for event in events]


def _hours(hours: Mapping[Event, Decimal]) -> Json:
    return {event.value: plain(value) for event, value in hours.items()}


def _money(money: MoneySpan) -> Json:
    return {"least": plain(money.least), "most": maybe(plain, money.most)}


def _sums(sums: FleetSum) -> Json:
    return {
        "vms": sums.vms,
        "by_state": {state.value: count for state, count in sums.by_state.items()},
        "today": plain(sums.today),
        "today_without_price": sums.today_without_price,
        "after": plain(sums.after),
        "after_without_price": sums.after_without_price,
        "vms_save": _money(sums.saves),
    }


def _bought(each: Bought) -> Json:
    return {
        "id": each.row.vm_id,
        "name": each.row.name,
        "todo": each.row.todo,
        "events": _events(each.events),
        "costs": plain(each.costs),
        "running": plain(each.running),
        "conditions": list(each.row.conditions),
    }
