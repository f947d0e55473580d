"""The sample fleet, read from the played Azure: every finding with its money, and the sums."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from advisor.fleet.top import bought_for
from advisor.inventory.coverage import InventoryPart
from advisor.model import Course, Event, Reading, StateNow
from advisor.model.fleet import FindingKind, FleetFinding, MoneySpan
from advisor.present.fleet_text import finding_words
from advisor.words import listed
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.sample import sample_world
from tests.fleet.reading import Reported, read, reported

UNPROTECTED = (
    *("api-arm-01", "app-01", "archive-01", "batch-spot-01", "build-07", "checkout_1a2b3c"),
    *("dev-03", "dev-04", "dev-05", "edge-01", "fci-01", "fci-02", "hana-01", "hr-01", "jump-01"),
    *("legacy-01", "licence-01", "pg-01", "portal-01", "report-01", "sap-boot-03", "sap-db-02"),
    *("secure-01", "test-02", "vault-cvm-01", "web-01"),
)
ON_A_CONDITION = {"sap-db-02"}
NOT_AS_ASKED = {
    "app-01": "The loss of the region not covered.",
    "db-01": "Region: RPO 36 h instead of 15 min.",
    "erp-01": "Deletion and the loss of the region not covered.",
    "files-01": "The loss of the region not covered.",
    "ledger-2012": "The loss of the region not covered.",
    "pay-01": "The loss of the region not covered.",
    "sql-02": "Deletion not covered.",
    "store-us-01": "The loss of the region not covered.",
    "test-01": "Deletion: points kept 3 days instead of 7.",
    "web-02": "The loss of the region not covered.",
    "web-03": "The loss of the region not covered.",
}
#: 128, 64 and 512 GB at 0.05 USD a GB and month, what a snapshot holds at most.
SNAPSHOTS = {
    "cart-01-os-last": (FindingKind.OLD_SNAPSHOT, "6.4"),
    "dev-03-before-cleanup": (FindingKind.OLD_SNAPSHOT, "3.2"),
    "dev-03-before-upgrade": (FindingKind.OLD_SNAPSHOT, "3.2"),
    "loadtest-02-data-last": (FindingKind.OLD_SNAPSHOT, "25.6"),
    "dev-01-keep-me": (FindingKind.SNAPSHOT_OF_NO_DISK, "6.4"),
    "old-shop-final": (FindingKind.SNAPSHOT_OF_NO_DISK, "6.4"),
}


@pytest.fixture(scope="module")
def fleet() -> Reported:
    async def whole() -> Reported:
        async with AzureStandIn(sample_world()) as azure:
            return reported(await read(azure), azure.world.now)

    return asyncio.run(whole())


def _of(fleet: Reported, kind: FindingKind) -> list[FleetFinding]:
    return [each for each in fleet.report.findings if each.kind is kind]


def test_the_unprotected_vms_are_named_each(fleet: Reported) -> None:
    found = _of(fleet, FindingKind.UNPROTECTED)
    assert sorted(each.subject for each in found) == sorted(UNPROTECTED)
    web = next(each for each in found if each.subject == "web-01")
    assert web.costs == fleet.rows["rg-shop-prod/web-01"].difference
    assert web.saves is None


def test_what_fails_is_broken_and_not_unprotected(fleet: Reported) -> None:
    found = {each.subject: each.said for each in _of(fleet, FindingKind.BROKEN)}
    assert found.keys() == {"crm-01", "mail-01", "wiki-01"}
    assert found["wiki-01"] == "Azure Backup is overdue, last point 12 days ago."


def test_a_protection_that_gives_less_than_asked_says_what_is_lacking(
    fleet: Reported,
) -> None:
    found = {each.subject: each.said for each in _of(fleet, FindingKind.NEED_NOT_MET)}
    assert found == NOT_AS_ASKED


def test_money_that_leaves_a_part_of_the_need_unmet_is_not_said_to_mend_it(fleet: Reported) -> None:
    priced = [each for each in fleet.report.findings if each.costs]
    wholly, partly = ([e for e in priced if e.leaves_unmet is unmet] for unmet in (False, True))
    assert {"web-01"} <= {each.subject for each in wholly}
    assert {"archive-01"} <= {each.subject for each in partly}
    assert all(_mends(each) == "it" for each in wholly)
    assert all(_mends(each) == "a part of it" for each in partly)


def test_what_money_mends_only_on_a_condition_is_said_with_it(fleet: Reported) -> None:
    unsure = [each for each in fleet.report.findings if each.costs and each.conditions]
    assert {each.subject for each in unsure} == ON_A_CONDITION
    decisions = {row.vm_id: row.conditions for row in fleet.rows.values()}
    for each in unsure:
        assert each.conditions == decisions[each.subject_id]
        assert finding_words(each, "USD").endswith(f", if {listed(each.conditions)}")


def _mends(each: FleetFinding) -> str:
    """What money mends by its words, without the condition."""
    return finding_words(each, "USD").rpartition(" a month mends ")[2].partition(", if ")[0]


def test_snapshots_that_nobody_needs_cost_at_most_their_size(fleet: Reported) -> None:
    kinds = {FindingKind.OLD_SNAPSHOT, FindingKind.SNAPSHOT_OF_NO_DISK}
    found = {each.subject: each for each in fleet.report.findings if each.kind in kinds}
    assert {name: (each.kind, each.saves) for name, each in found.items()} == {
        name: (kind, MoneySpan(Decimal(0), Decimal(most)))
        for name, (kind, most) in SNAPSHOTS.items()
    }
    assert all(each.counted for each in found.values())


def test_more_than_is_asked_is_listed_apart_and_never_in_the_savings(
    fleet: Reported,
) -> None:
    beyond = _of(fleet, FindingKind.BEYOND_THE_NEED)
    assert {each.subject for each in beyond} == {"erp-01", "trial-01"}
    assert not any(each.counted for each in beyond)
    assert fleet.report.saves == MoneySpan(Decimal(0), Decimal("51.2"))
    apart = sum(each.saves.least for each in beyond if each.saves)
    assert fleet.report.apart == MoneySpan(apart, apart)


def test_vaults_that_can_be_emptied_are_named(fleet: Reported) -> None:
    vaults = {each.subject for each in _of(fleet, FindingKind.NO_IMMUTABILITY)}
    assert len(vaults) == 10
    assert not _of(fleet, FindingKind.NO_SOFT_DELETE)


def test_a_total_is_the_sum_of_its_rows_and_counts_what_it_lacks(fleet: Reported) -> None:
    rows, sums = fleet.rows.values(), fleet.report.sums
    known = [row.today.likely for row in rows if row.today and row.today.likely is not None]
    assert sums.vms == len(rows) == 44
    assert sums.today == sum(known)
    assert sums.today_without_price == len(rows) - len(known)
    assert sum(sums.by_state.values()) == 44
    assert sums.by_state[StateNow.PROTECTED] == 2
    assert sum(group.sums.vms for group in fleet.report.groups) == 44
    assert sum(group.sums.today for group in fleet.report.groups) == sums.today


def test_every_row_is_the_advice_on_its_vm(fleet: Reported) -> None:
    row = fleet.rows["rg-shop-prod/web-01"]
    assert row.courses == (Course.PROTECT,)
    assert (row.met_today, row.met_after) == ((), (Event.DELETION, Event.REGION))
    assert row.today is not None
    assert row.today.likely == 0
    assert row.lost_hours_after == {Event.DELETION: 24, Event.ZONE: 36, Event.REGION: 36}
    assert [each.option for each in row.options] == ["azure-backup"]


def test_money_buys_the_most_need_first_and_never_more_than_there_is(
    fleet: Reported,
) -> None:
    bought = bought_for(fleet.rows.values(), Decimal(100))
    costs = [each.costs / len(each.events) for each in bought]
    assert costs == sorted(costs)
    assert bought[-1].running == sum(each.costs for each in bought) <= 100
    assert bought[0].row.name in ("batch-spot-01", "dev-04")
    every = bought_for(fleet.rows.values(), Decimal(1_000_000))
    assert {each.row.name for each in every}.isdisjoint({"ledger-2012", "sql-01", "archive-01"})


def test_nothing_of_the_whole_reading_is_left_unread(fleet: Reported) -> None:
    assert fleet.report.unread == ()


async def test_the_estate_says_what_was_looked_at_everywhere() -> None:
    async with AzureStandIn(sample_world()) as azure:
        estate = await read(azure)
        assert dict(azure.counts) == {"ResourceGraph_Resources": 3}
    assert set(estate.looked.at_once.values()) == {Reading.READ}
    assert estate.disks_read


@pytest.mark.parametrize(
    ("parts", "subscriptions"),
    [({}, True), ({InventoryPart.DISKS: Reading.FAILED}, True), (None, False)],
    ids=["lists of files", "a query that broke off", "a subscription out of scope"],
)
async def test_nothing_is_called_gone_that_was_not_looked_for(
    parts: dict[InventoryPart, Reading] | None, subscriptions: bool
) -> None:
    """What lies in another subscription, or in a list that nobody supplied, may well be there."""
    async with AzureStandIn(sample_world()) as azure:
        estate, now = await read(azure), azure.world.now
    if parts is not None:
        estate = estate._replace(looked=estate.looked._replace(at_once=parts))
    if not subscriptions:
        one = "/subscriptions/99999999"
        snapshots = tuple(
            each._replace(source_id=one + each.source_id[each.source_id.index("/resourcegroups") :])
            if each.source_id
            else each
            for each in estate.resources.snapshots
        )
        estate = estate._replace(resources=estate.resources._replace(snapshots=snapshots))
    kinds = {each.kind for each in reported(estate, now).report.findings}
    assert not kinds & {FindingKind.SNAPSHOT_OF_NO_DISK, FindingKind.BACKUP_OF_NO_VM}
