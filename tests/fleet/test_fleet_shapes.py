"""VMs that are alike get one advice with their own names: the one that each gets alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.advising import advise_briefly
from advisor.asked import AdviceAsked
from advisor.fleet.rows import fleet_row
from advisor.fleet.shapes import Shapes
from advisor.model import BilledSizes, Disk, KnownVm, Protection, ProtectionState, Range
from advisor.model.fleet import FleetRow
from advisor.needs import Tiers
from advisor.prices.pricing import Pricer
from advisor.prices.shipped import shipped_book
from deploy.local.azure.server import AzureStandIn
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from tests.bench.fleet import NOW, fleet
from tests.fleet.reading import read

TWINS = 3


class Judging:
    """Judges VMs one by one, and counts how often it was asked."""

    def __init__(self, now: datetime) -> None:
        self._now, self._pricer = now, Pricer(shipped_book(), "USD", now.date())
        self.asked = 0

    def __call__(self, known: KnownVm) -> FleetRow:
        self.asked += 1
        asked = AdviceAsked(vm=known.vm.id)
        return fleet_row(advise_briefly(known, asked, Tiers(), self._pricer, self._now))


@pytest.fixture(scope="module")
def made() -> Sequence[KnownVm]:
    return fleet(150)


@pytest.fixture(scope="module")
def from_azure() -> Sequence[KnownVm]:
    async def whole() -> Sequence[KnownVm]:
        async with AzureStandIn(generated_world(150, seed=5, world=sample_world())) as azure:
            return (await read(azure)).fleet.vms

    return asyncio.run(whole())


def _twin(known: KnownVm, number: int) -> KnownVm:
    """The same VM under other names, in another group, made at another time of the same year."""
    vm = known.vm
    names = {each.key: f"{each.name}-twin{number}" for each in vm.disks}
    head = f"/subscriptions/sub-{number}/resourceGroups/rg-other/providers/Microsoft.Compute"

    def disk(each: Disk) -> Disk:
        name = names[each.key]
        own = {"id": f"{head}/disks/{name}" if each.id else None, "name": name}
        return replace(each, **own, unique_id=f"unique-{number}", tags={"note": str(number)})  # type: ignore[arg-type]

    disks = {each.key: disk(each) for each in vm.disks}

    def protection(found: Protection) -> Protection:
        left = frozenset(disks[key].key for key in found.left_out)
        last = found.last_point and found.last_point - timedelta(hours=7 * number, minutes=number)
        return replace(found, id=f"{found.id}-{number}", left_out=left, last_point=last)

    twin = replace(
        vm,
        id=f"{head}/virtualMachines/{vm.name}-twin{number}",
        name=f"{vm.name}-twin{number}",
        resource_group="rg-other",
        subscription_id=f"sub-{number}",
        vm_id=f"unique-{number}",
        created=datetime(2022 + 2 * number, 1, 1, tzinfo=UTC),
        tags={**vm.tags, "owner": f"team {number}", "cost-center": str(number)},
        disks=tuple(disks[each.key] for each in vm.disks),
    )
    return replace(known, vm=twin, protections=tuple(map(protection, known.protections)))


def _same_as_alone(vms: Sequence[KnownVm], now: datetime) -> Shapes:
    shaped, alone = Shapes(Judging(now), Tiers(), now), Judging(now)
    for known in vms:
        assert shaped.row(known) == alone(known), known.vm.id
    return shaped


@pytest.mark.parametrize("which", ["made", "from_azure"])
def test_twins_get_the_advice_that_each_of_them_gets_alone(
    which: str, made: Sequence[KnownVm], from_azure: Sequence[KnownVm]
) -> None:
    vms, now = (made, NOW) if which == "made" else (from_azure, sample_world().now)
    family = [one for each in vms for one in (each, *(_twin(each, n) for n in range(TWINS)))]
    Random(1).shuffle(family)
    shapes = _same_as_alone(family, now)
    assert shapes.met > len(vms)  # at least a third of the twins were not judged anew


@given(st.data())
def test_a_name_that_could_change_more_than_its_place_is_judged_alone(data: st.DataObject) -> None:
    known = _NAMED[data.draw(st.integers(0, len(_NAMED) - 1))]
    name = data.draw(st.text(min_size=1, max_size=12).filter(lambda text: "/" not in text))
    vm = known.vm
    disks = tuple(replace(each, name=f"{name}{number}") for number, each in enumerate(vm.disks))
    renamed = replace(
        known, vm=replace(vm, name=name, disks=(replace(disks[0], name=name), *disks[1:]))
    )
    _same_as_alone([known, renamed, known], NOW)


_NAMED = fleet(12)


def test_the_age_of_the_last_point_is_each_vm_s_own() -> None:
    known, found = _protected()
    ages = (timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=7), timedelta(days=500))
    vms = [replace(known, protections=(replace(found, last_point=NOW - each),)) for each in ages]
    vms.append(replace(known, protections=(replace(found, last_point=None),)))
    assert _same_as_alone(vms, NOW).met == 2


def test_the_younger_of_two_last_points_is_each_vm_s_own() -> None:
    known, found = _protected()
    ages = ((7, 30), (9, 31), (30, 7), (8, 8))
    vms = [
        replace(
            known, protections=tuple(_aged(found, number, age) for number, age in enumerate(each))
        )
        for each in ages
    ]
    assert _same_as_alone(vms, NOW).met == 1


def _aged(found: Protection, number: int, hours: int) -> Protection:
    vault = found.vault and replace(found.vault, name=f"vault-{number}")
    return replace(found, vault=vault, last_point=NOW - timedelta(hours=hours))


def _protected() -> tuple[KnownVm, Protection]:
    known = next(each for each in fleet(40) if each.protections)
    return known, replace(known.protections[0], state=ProtectionState.ACTIVE)


def test_shapes_that_were_met_long_ago_are_forgotten_and_judged_again() -> None:
    judging = Judging(NOW)
    shapes = Shapes(judging, Tiers(), NOW, kept=2)
    first, second, third = fleet(3)
    row = shapes.row(first)
    for known, asked in ((first, 1), (second, 2), (first, 2), (third, 3), (first, 4)):
        shapes.row(known)
        assert judging.asked == asked
    assert shapes.row(first) == row


def test_disks_that_are_left_out_are_each_vm_s_own() -> None:
    [known] = [each for each in fleet(60) if each.protections and len(each.vm.disks) > 2][:1]
    [found] = known.protections
    vms = [
        replace(known, protections=(replace(found, left_out=frozenset({disk.key})),))
        for disk in known.vm.disks[1:]
    ]
    _same_as_alone(vms, NOW)


def test_a_tag_that_chooses_a_tier_tells_vms_apart_and_any_other_does_not() -> None:
    [known] = fleet(1)
    tags = (
        {"environment": "production"},
        {"Environment": "dev"},
        {"env": "dev"},
        {"vmbackup-tier": "mission-critical"},
        {"vmbackup-churn": "7%"},
        {"environment": "production", "owner": "payments"},
    )
    vms = [replace(known, vm=replace(known.vm, tags=each)) for each in tags]
    assert _same_as_alone(vms, NOW).met == 1


def test_a_vm_whose_bill_or_writes_are_known_is_judged_by_itself(made: Sequence[KnownVm]) -> None:
    """Whatever was measured of a VM is in its row, and in that of no VM that is alike."""
    plain = next(one for one in made if one.vm.disks and one.writes is None)
    billed = BilledSizes(Range(Decimal(3), Decimal(3), Decimal(3)), None, "2026-10", ("x",))
    judging = Judging(NOW)
    shapes = Shapes(judging, Tiers(), NOW)
    for known in (plain, replace(_twin(plain, 1), billed=billed), _twin(plain, 2)):
        assert shapes.row(known) == Judging(NOW)(known)
    assert (judging.asked, shapes.met) == (2, 1)
