"""How a VM is protected now: a state and a phrase, and never more than was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.model import (
    BackupPolicy,
    Coverage,
    KnownVm,
    Protection,
    ProtectionKind,
    ProtectionNow,
    ProtectionState,
    Reading,
    Retention,
    StateNow,
    Vault,
)
from tests.recommend.test_recommend_in_place import backed_up
from tests.strategies import ALL_READ, NOW, a_disk, a_vm, advise, known

DATA = a_disk("data", lun=0, size_gib=512)
TWO_DISKS = a_vm(a_disk(), DATA)


def backup(state: ProtectionState = ProtectionState.ACTIVE, **more: Any) -> Protection:
    """A daily backup as the production tier wants it, unless said otherwise."""
    facts: dict[str, Any] = {
        "kind": ProtectionKind.BACKUP,
        "state": state,
        "last_point": NOW - timedelta(hours=7),
        "vault": Vault(id="/vaults/v1", name="v1", region="westeurope", redundancy="grs-crr"),
        "policy": BackupPolicy(
            name="daily",
            enhanced=False,
            every=timedelta(days=1),
            instant_restore_days=2,
            retention=Retention(daily=30, weekly=12),
        ),
    }
    return Protection(**{**facts, **more})


def now(*found: Protection, vm: KnownVm | None = None) -> ProtectionNow:
    return advise(replace(vm or known(TWO_DISKS), protections=found)).now


def test_what_runs_is_named_with_its_last_point_and_its_price() -> None:
    said = now(backup())
    assert said.state is StateNow.PROTECTED
    assert said.words.startswith("Azure Backup, last point 7 h ago, ")
    assert said.words.endswith(" USD a month")


def test_a_disk_in_no_point_makes_it_partly_protected_with_its_share() -> None:
    said = now(backup(left_out=frozenset({DATA.key})))
    assert said.state is StateNow.PARTLY
    assert said.words.startswith("data (512 of 640 GB) is in no point; Azure Backup, last point")


def test_an_event_that_is_asked_for_and_not_covered_makes_it_partly_protected() -> None:
    local = Vault(id="/vaults/v1", name="v1", region="westeurope", redundancy="lrs")
    said = now(backup(vault=local))
    assert said.state is StateNow.PARTLY
    assert said.words.startswith("loss of the region not covered; Azure Backup")
    dev = replace(TWO_DISKS, tags={"environment": "dev"})
    assert now(backup(vault=local), vm=known(dev)).state is StateNow.PROTECTED


@pytest.mark.parametrize(
    ("state", "now_is", "why"),
    [
        (ProtectionState.ERROR, StateNow.BROKEN, "fails"),
        (ProtectionState.OVERDUE, StateNow.BROKEN, "is overdue"),
        (ProtectionState.STOPPED, StateNow.UNPROTECTED, "is stopped, its old points are kept"),
        (
            ProtectionState.SOFT_DELETED,
            StateNow.UNPROTECTED,
            "is deleted and can still be undeleted",
        ),
    ],
)
def test_what_does_not_run_says_why_and_how_old_its_last_point_is(
    state: ProtectionState, now_is: StateNow, why: str
) -> None:
    assert now(backup(state)) == ProtectionNow(now_is, f"Azure Backup {why}, last point 7 h ago")
    unjudged = backup(state, policy=None, vault=None)
    assert now(unjudged).state is now_is


def test_a_first_point_that_is_waited_for_is_being_set_up() -> None:
    said = now(backup(ProtectionState.PENDING, last_point=None, since=NOW - timedelta(hours=2)))
    assert said == ProtectionNow(StateNow.SETTING_UP, "Azure Backup has no point yet")


def test_one_that_fails_beside_one_that_runs_is_broken_and_names_both() -> None:
    replica = Protection(
        kind=ProtectionKind.SITE_RECOVERY, state=ProtectionState.ERROR, target="northeurope"
    )
    said = now(backup(), replica)
    assert said.state is StateNow.BROKEN
    assert said.words == "Site Recovery fails; Azure Backup runs"


def test_points_that_nothing_makes_anew_protect_nothing() -> None:
    loose = Protection(kind=ProtectionKind.SNAPSHOTS, state=ProtectionState.ACTIVE, count=3)
    said = now(loose)
    assert said.state is StateNow.UNPROTECTED
    assert said.words == "3 snapshots that nothing repeats on a schedule"


@pytest.mark.parametrize(
    "found",
    [
        Protection(kind=ProtectionKind.SNAPSHOTS, state=ProtectionState.ACTIVE, count=3),
        backup(ProtectionState.STOPPED),
    ],
)
def test_what_runs_no_more_says_nothing_of_what_was_not_read(found: Protection) -> None:
    """Another vault may hold a backup that runs."""
    assert now(found).state is StateNow.UNPROTECTED
    blind = known(TWO_DISKS, coverage=replace(ALL_READ, all_vaults=False, vaults_read=("v1",)))
    said = now(found, vm=blind)
    assert said.state is StateNow.UNKNOWN
    assert said.words.endswith("; not every vault was read")
    half = known(TWO_DISKS, coverage=replace(ALL_READ, disk_backups=Reading.FAILED))
    said = now(found, vm=half)
    assert said.state is StateNow.UNKNOWN
    assert said.words.endswith("; its Azure Disk Backup instances were not read")


def test_databases_that_are_backed_up_do_not_protect_the_vm() -> None:
    sql = Protection(
        kind=ProtectionKind.DATABASE_BACKUP, state=ProtectionState.ACTIVE, databases=("erp",)
    )
    said = now(sql)
    assert said == ProtectionNow(StateNow.PARTLY, "the database erp is backed up, the VM is not")


def test_a_vm_is_unprotected_only_where_all_that_could_protect_it_was_read() -> None:
    assert now() == ProtectionNow(StateNow.UNPROTECTED)
    blind = known(TWO_DISKS, coverage=Coverage())
    assert now(vm=blind) == ProtectionNow(StateNow.UNKNOWN, "what protects it was not read")
    unread = known(TWO_DISKS, coverage=replace(ALL_READ, snapshots=Reading.NOT_SUPPLIED))
    said = now(vm=unread)
    assert said == ProtectionNow(StateNow.UNKNOWN, "in no vault; its snapshots were not read")
    one = replace(ALL_READ, all_vaults=False, vaults_read=("v1",))
    said = now(vm=known(TWO_DISKS, coverage=one))
    assert said == ProtectionNow(
        StateNow.UNKNOWN, "not in vault v1; the other vaults were not read"
    )


def test_what_runs_and_is_not_as_good_as_asked_is_no_whole_protection() -> None:
    weekly = backed_up(every=timedelta(days=7), keep=Retention(weekly=12))
    now = advise(weekly).now
    assert now.state is StateNow.PARTLY
    assert now.words.startswith("RPO 7 days instead of 24 h (deletion); Azure Backup")
