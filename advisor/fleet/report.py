"""A whole fleet: every VM advised on, the findings in one order, and the sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from advisor.advising import advise_briefly
from advisor.asked import AdviceAsked
from advisor.errors import UsageError
from advisor.fleet.estate_findings import estate_findings
from advisor.fleet.rows import fleet_row, row_not_advised
from advisor.fleet.shapes import Shapes
from advisor.fleet.sums import Summing, group_sums, saved
from advisor.inventory.estate import Estate
from advisor.model import KnownVm
from advisor.model.fleet import AzureRead, FindingKind, FleetFinding, FleetReport, FleetRow
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.quote import age_days, full_date

_ORDER = {kind: number for number, kind in enumerate(FindingKind)}


def fleet_rows(
    vms: Iterable[KnownVm], currency: str, tiers: Tiers, pricer: Pricer, now: datetime
) -> Iterator[FleetRow]:
    """A row of each VM, by its tags and tiers alone. Tags that cannot be read cost only that VM."""

    def judged(known: KnownVm) -> FleetRow | None:
        try:
            return alone(known)
        except UsageError:
            return None

    def alone(known: KnownVm) -> FleetRow:
        asked = AdviceAsked(vm=known.vm.id, currency=currency)
        return fleet_row(advise_briefly(known, asked, tiers, pricer, now))

    shapes = Shapes(judged, tiers, now)
    for known in vms:
        row = shapes.row(known)
        if row is not None:
            yield row
            continue
        try:
            yield alone(known)
        except UsageError as error:
            yield row_not_advised(known.vm, str(error))


def fleet_report(
    rows: Iterable[FleetRow],
    estate: Estate,
    pricer: Pricer,
    now: datetime,
    group_of: Callable[[FleetRow], str] | None = None,
    azure: AzureRead | None = None,
) -> FleetReport:
    """The sums and the findings; the rows are read once, in the order in which they come."""

    def others(settled: Collection[str]) -> Iterator[FleetFinding]:
        return estate_findings(estate, pricer, now, settled)

    unread = tuple(dict.fromkeys(str(one) for one in estate.looked.unclear))
    report = summed_report(rows, others, unread, pricer.currency, group_of, now=now)
    return report._replace(azure=azure)


def summed_report(
    rows: Iterable[FleetRow],
    others: Callable[[Collection[str]], Iterable[FleetFinding]],
    unread: tuple[str, ...],
    currency: str,
    group_of: Callable[[FleetRow], str] | None = None,
    *,
    now: datetime,
) -> FleetReport:
    """As `fleet_report`. `others`: findings beside those of VMs, asked for after the last row.

    It is told the lower-cased ids of VMs of which a saving is counted already.
    """
    whole, groups = Summing(), defaultdict[str, Summing](Summing)
    found: list[FleetFinding] = []
    dates: set[str] = set()
    for row in rows:
        whole.add(row)
        found.extend(row.findings)
        dates.add(row.prices_as_of)
        if group_of is not None:
            groups[group_of(row)].add(row)
    settled = {each.subject_id.lower() for each in found if each.counted}
    found.extend(others(settled))
    found.sort(key=_worst_first)
    oldest = min(dates - {""}, key=full_date, default="")
    return FleetReport(
        currency=currency,
        sums=whole.total(),
        groups=tuple(group_sums(groups)),
        findings=tuple(found),
        saves=saved(found),
        apart=saved(found, counted=False),
        prices_as_of=oldest,
        unread=unread,
        prices_age_days=age_days(oldest, now.date()) if oldest else None,
    )


def _worst_first(finding: FleetFinding) -> tuple[object, ...]:
    """By kind; then by the events lost, the data at stake, the money, and the name."""
    money = finding.saves.least if finding.saves else 0
    return (
        _ORDER[finding.kind],
        -len(finding.lost),
        -(finding.at_stake_gib or 0),
        -money,
        finding.subject.lower(),
        finding.subject_id.lower(),
    )
