"""Who takes a snapshot on schedule: Azure Disk Backup does, Azure alone does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.model import (
    Consistency,
    EventNeed,
    Image,
    LineKind,
    Need,
    Proposal,
    Retention,
    Verdict,
    Vm,
)
from advisor.options.descriptions import configuration_words
from advisor.options.snapshots.option import SNAPSHOTS
from advisor.options.snapshots.words import parse_places
from tests.strategies import WINDOWS, a_case, a_disk, a_vm, stated

HOUR = timedelta(hours=1)
BY_DISK_BACKUP = {"by": "azure-disk-backup"}
SOMEBODY = ("somebody takes the points on schedule: Azure does not",)
TWO_DISKS = a_vm(a_disk(), a_disk("data", lun=0))
SHARED = a_vm(a_disk(size_gib=100), a_disk("shared", lun=3, size_gib=300, max_shares=2))


def proposed(said: dict[str, Any], vm: Vm | None = None, **more: Any) -> Proposal:
    case = a_case(vm, **more)
    [proposal] = SNAPSHOTS.propose(case, [SNAPSHOTS.said_configuration(case, said)])
    return proposal


def all_proposed(vm: Vm, need: Need, to: str | None = None) -> list[Proposal]:
    case = a_case(vm, need=need, to=to)
    return SNAPSHOTS.propose(case, SNAPSHOTS.configurations(case))


# --- who takes them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [{}, {"full": True}, {"to": "northeurope"}, {"consistent": "crash"},
     {"consistent": "application"}],
)  # fmt: skip
def test_without_azure_disk_backup_somebody_has_to_take_them(said: dict[str, Any]) -> None:
    for tier in proposed(said).tiers:
        assert tier.conditions == SOMEBODY


def test_azure_disk_backup_takes_them_itself() -> None:
    [tier] = proposed(BY_DISK_BACKUP).tiers
    assert tier.conditions == ()
    assert not tier.isolated


def test_the_same_schedule_by_somebodys_own_hand_has_tiers_of_its_own() -> None:
    """What several configurations share is worked out once: who takes a snapshot is not shared."""
    case = a_case(TWO_DISKS)
    by_azure = SNAPSHOTS.said_configuration(case, BY_DISK_BACKUP)
    by_hand = replace(by_azure, by=None)
    together = SNAPSHOTS.propose(case, [by_azure, by_hand])
    alone = SNAPSHOTS.propose(a_case(TWO_DISKS), [by_hand])
    assert together[1:] == alone
    assert together[0].tiers != together[1].tiers


def test_azure_disk_backup_costs_what_the_snapshots_cost_and_no_fee() -> None:
    said = {"every": "12h", "keep": "daily=14"}
    assert proposed({**said, **BY_DISK_BACKUP}).usages == proposed(said).usages


def test_azure_disk_backup_snapshots_each_disk_alone() -> None:
    [one], [two] = proposed(BY_DISK_BACKUP).tiers, proposed(BY_DISK_BACKUP, TWO_DISKS).tiers
    assert (one.consistency, two.consistency) == (Consistency.CRASH, Consistency.NONE)


@pytest.mark.parametrize(
    ("every", "keep", "verdict"),
    [
        ("1h", "daily=18", Verdict.YES), ("1h", "daily=19", Verdict.NO),
        ("12h", "daily=225", Verdict.YES), ("12h", "daily=226", Verdict.NO),
        ("24h", "daily=30,weekly=52", Verdict.YES), ("24h", "monthly=12", Verdict.NO),
        ("3h", "daily=7", Verdict.NO), ("24h", "daily=366", Verdict.YES),
        ("24h", "daily=367", Verdict.NO),
    ],
)  # fmt: skip
def test_a_policy_runs_at_its_hours_and_keeps_450_points_or_a_year(
    every: str, keep: str, verdict: Verdict
) -> None:
    assert proposed({**BY_DISK_BACKUP, "every": every, "keep": keep}).verdict is verdict


@pytest.mark.parametrize("sku", ["UltraSSD_LRS", "PremiumV2_LRS"])
def test_ultra_and_premium_v2_disks_are_backed_up_every_12_hours_at_most(sku: str) -> None:
    vm = a_vm(a_disk(), a_disk("data", sku=sku))
    for every, verdict in (("8h", Verdict.NO), ("12h", Verdict.YES), ("24h", Verdict.YES)):
        assert proposed({**BY_DISK_BACKUP, "every": every}, vm).verdict is verdict
    need = Need(deletion=EventNeed(rpo=4 * HOUR))
    frequencies = {
        each.chosen.every for each in all_proposed(vm, need) if each.chosen.by is not None
    }
    assert frequencies == {24 * HOUR, 12 * HOUR}


def test_azure_disk_backup_is_proposed_as_seldom_as_the_need_allows() -> None:
    for hours, every in ((24, 24), (5, 4), (3, 2), (1, 1)):
        need = Need(deletion=EventNeed(rpo=hours * HOUR), retention=Retention(daily=7))
        found = {each.chosen.every: each for each in all_proposed(a_vm(), need) if each.chosen.by}
        assert set(found) == {24 * HOUR, every * HOUR}
        assert all(each.verdict is Verdict.YES for each in found.values())


@pytest.mark.parametrize("more", [{"full": True}, {"consistent": "crash"}, {"to": "northeurope"}])
def test_azure_disk_backup_takes_neither_full_ones_nor_points_of_a_vm_and_copies_nothing(
    more: dict[str, Any],
) -> None:
    with pytest.raises(UsageError, match="leave out --full, --consistent and --to"):
        proposed({**BY_DISK_BACKUP, **more})


# --- consistency -----------------------------------------------------------------------------


def test_a_disk_that_is_left_out_does_not_spoil_the_common_moment() -> None:
    case = a_case(TWO_DISKS, leave_out=frozenset({a_disk("data").key}))
    [proposal] = SNAPSHOTS.propose(case, [SNAPSHOTS.said_configuration(case, {})])
    assert proposal.tiers[0].consistency is Consistency.CRASH
    assert proposal.tiers[0].left_out == frozenset()


def test_a_disk_that_is_left_out_is_no_hindrance_and_is_not_billed() -> None:
    vm = a_vm(a_disk(size_gib=100), a_disk("old", lun=0, size_gib=300, unmanaged=True))
    sizes = stated(used="40", churn="0.1")
    for leave_out, verdict, gib in (
        (frozenset[str](), Verdict.NO, 40 + 6 * 4),
        (frozenset({a_disk("old").key}), Verdict.YES, 10 + 6),
    ):
        case = a_case(vm, sizes, leave_out=leave_out)
        [proposal] = SNAPSHOTS.propose(case, [SNAPSHOTS.said_configuration(case, {})])
        assert proposal.verdict is verdict
        assert [usage.quantity.likely for usage in proposal.usages if usage.quantity] == [gib]


@pytest.mark.parametrize("power_state", ["deallocated", "stopped"])
@pytest.mark.parametrize("said", [{}, BY_DISK_BACKUP, {"consistent": "crash"}])
def test_snapshots_of_a_vm_that_is_off_lack_nothing(power_state: str, said: dict[str, Any]) -> None:
    vm = a_vm(*TWO_DISKS.disks, power_state=power_state, image=None)
    proposal = proposed(said, vm)
    for tier in proposal.tiers:
        assert tier.consistency is Consistency.APPLICATION
        assert tier.sure_consistency is None
    assert any("The VM is off" in note for note in proposal.notes)
    assert not any("The VM is off" in note for note in proposed(said, TWO_DISKS).notes)


@pytest.mark.parametrize(
    ("image", "sure", "condition"),
    [
        (WINDOWS, None, ""),
        (None, Consistency.CRASH, "the VM agent runs in it"),
        (Image(publisher="fortinet", offer="x", sku="y"), Consistency.CRASH,
         "the VM agent runs in this appliance"),
    ],
)  # fmt: skip
def test_application_points_rest_on_the_agent_and_crash_points_do_not(
    image: Image | None, sure: Consistency | None, condition: str
) -> None:
    vm = a_vm(*TWO_DISKS.disks, image=image, os_type="Windows")
    [flushed] = proposed({"consistent": "application"}, vm).tiers
    assert flushed.consistency is Consistency.APPLICATION
    assert (flushed.sure_consistency, flushed.consistency_condition) == (sure, condition)
    [crash] = proposed({"consistent": "crash"}, vm).tiers
    assert (crash.sure_consistency, crash.consistency_condition) == (None, "")


def test_restore_points_are_proposed_as_often_as_the_need_asks_within_their_limits() -> None:
    need = Need(deletion=EventNeed(rpo=HOUR), consistency=Consistency.CRASH)
    found = {
        (each.chosen.consistent, each.chosen.every)
        for each in all_proposed(TWO_DISKS, need)
        if each.chosen.consistent
    }
    assert found == {
        ("crash", 24 * HOUR), ("crash", HOUR), ("application", 24 * HOUR),
    }  # fmt: skip


# --- disks left out --------------------------------------------------------------------------


def test_a_restore_point_leaves_a_shared_disk_out_and_says_so() -> None:
    proposal = proposed({"consistent": "application"}, SHARED, sizes=stated(used="200"))
    [tier] = proposal.tiers
    assert tier.left_out == {a_disk("shared").key}
    assert "Its points do not hold shared." in proposal.notes
    [line] = proposal.usages
    assert line.quantity is not None
    assert line.quantity.likely < 100, "50 GB of the OS disk and what changes of it"


def test_just_some_disks_are_billed_and_held_beside_another_option() -> None:
    case = a_case(SHARED, stated(used="200", churn="0.1"))
    shared = frozenset({a_disk("shared").key})
    found = SNAPSHOTS.propose(case, SNAPSHOTS.complements(case, shared))
    assert {each.chosen.by for each in found} == {None, "azure-disk-backup"}
    for each in found:
        assert each.verdict is Verdict.YES
        assert each.configuration["only"] == "lun3"
        assert {tier.left_out for tier in each.tiers} == {frozenset({a_disk("os").key})}
        assert {tier.consistency for tier in each.tiers} == {Consistency.CRASH}
        stored = [usage for usage in each.usages if usage.name.startswith("Snapshots")]
        assert {usage.quantity.likely for usage in stored if usage.quantity} == {150 + 6 * 15}


def test_no_disks_left_out_want_no_complement() -> None:
    case = a_case(SHARED)
    assert SNAPSHOTS.complements(case, frozenset()) == ()
    assert SNAPSHOTS.complements(case, frozenset({"/somewhere/else"})) == ()


def test_another_disks_trouble_is_none_of_the_disks_that_are_held() -> None:
    vm = a_vm(a_disk(unmanaged=True), a_disk("shared", lun=3, max_shares=2))
    case = a_case(vm)
    for each in SNAPSHOTS.propose(
        case, SNAPSHOTS.complements(case, frozenset({a_disk("shared").key}))
    ):
        assert each.verdict is Verdict.YES


def test_a_disk_that_is_not_held_does_not_slow_the_schedule_of_those_that_are() -> None:
    """Ultra disks are backed up every 12 h or once a day; what stands beside them need not be."""
    vm = a_vm(a_disk(), a_disk("data", lun=0), a_disk("fast", lun=1, sku="UltraSSD_LRS"))
    case = a_case(vm, need=Need(deletion=EventNeed(rpo=4 * HOUR)))

    def quickest(name: str) -> timedelta:
        held = SNAPSHOTS.complements(case, frozenset({a_disk(name).key}))
        return min(each.every for each in held if each.by == "azure-disk-backup")

    assert (quickest("data"), quickest("fast")) == (4 * HOUR, 12 * HOUR)


@pytest.mark.parametrize(
    ("typed", "only", "words"),
    [("OS, 0", ("os", "lun0"), "of the OS disk and LUN 0 only"), ("0", ("lun0",), "of LUN 0 only"),
     ("lun0", ("lun0",), "of LUN 0 only")],
)  # fmt: skip
def test_disks_are_named_by_their_lun(typed: str, only: tuple[str, ...], words: str) -> None:
    found = proposed({"only": parse_places(typed)}, TWO_DISKS)
    assert found.chosen.only == only
    assert words in configuration_words("snapshots", found.configuration)


@pytest.mark.parametrize("typed", ["", "os,", "os,os", "0,lun0"])
def test_no_disk_and_one_twice_are_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="names no disks"):
        parse_places(typed)


def test_a_disk_without_a_lun_keeps_its_name() -> None:
    assert parse_places("OsData,LUN1,OS") == "OsData,lun1,os"


def test_a_disk_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no disk “lun7”; there are os, lun0"):
        proposed({"only": "lun7"}, TWO_DISKS)
    with pytest.raises(UsageError, match="of a whole VM"):
        proposed({"only": "lun0", "consistent": "crash"}, TWO_DISKS)


# --- copies ----------------------------------------------------------------------------------


def test_copies_go_where_they_are_asked_to_and_else_to_the_pair() -> None:
    need = Need(region=EventNeed(rpo=48 * HOUR))
    for to, target in (("uksouth", "uksouth"), (None, "northeurope"), ("zone:2", "northeurope")):
        copied = {each.chosen.to for each in all_proposed(a_vm(), need, to) if each.chosen.to}
        assert copied == {target}


def test_what_crosses_between_the_regions_grows_with_how_often_it_is_copied() -> None:
    """100 GB of which 2 % change a day: 1 - 0.98 ** (1/6) of them in 4 h, 182.5 times a month."""
    sizes = stated(used="100", churn="0.02")
    moved = {}
    for every in ("4h", "12h", "24h"):
        lines = proposed({"to": "northeurope", "every": every}, sizes=sizes).usages
        [line] = [each for each in lines if each.kind is LineKind.RECURRING
                  and each.meter.service == "Bandwidth"]  # fmt: skip
        assert line.quantity is not None
        moved[every] = line.quantity.likely
    four_hours = 1 - Decimal("0.98") ** (Decimal(1) / 6)
    assert abs(moved["4h"] - four_hours * 100 * Decimal("182.5")) < Decimal("0.001")
    assert moved["4h"] > moved["12h"] > moved["24h"] == Decimal("60.8333")


@pytest.mark.parametrize(("hours", "every"), [(48, 24), (24, 12), (16, 8), (8, 4)])
def test_a_copy_that_lags_behind_is_proposed_as_often_as_the_region_asks(
    hours: int, every: int
) -> None:
    """It is there when the next one is taken, so the RPO of the region is two intervals."""
    case = a_case(need=Need(region=EventNeed(rpo=hours * HOUR)))
    copies = [each for each in SNAPSHOTS.configurations(case) if each.to]
    assert min(each.every for each in copies) == every * HOUR
