"""Generated fleets: of the size asked for, distinct, the same for a seed, quick, and readable."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.model import ProtectionKind
from deploy.local.azure.graph.engine import Engine
from deploy.local.azure.graph.rows import Seen
from deploy.local.azure.world import World
from deploy.local.fleet.generate import generated_world
from deploy.local.fleet.sample import sample_world
from tests.standin.azure.test_standin_fleet_sample import known_of

VM_TYPE = "Microsoft.Compute/virtualMachines"


@settings(max_examples=10, deadline=None)
@given(count=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_every_generated_vm_is_read_with_all_its_disks(count: int, seed: int) -> None:
    known = known_of(generated_world(count, seed))
    assert len(known) == count
    assert all(not one.not_read and one.vm.disks for one in known.values())


def test_the_same_seed_makes_the_same_fleet_and_another_another() -> None:
    one, same, other = (set(generated_world(40, seed).resources) for seed in (3, 3, 4))
    assert one == same != other


def test_no_two_vms_have_a_name_or_a_disk_in_common() -> None:
    world = generated_world(1500)
    vms = world.of_type(VM_TYPE)
    assert len({vm["name"] for vm in vms}) == 1500
    disks = Counter(key for key in world.resources if "/disks/" in key)
    assert max(disks.values()) == 1
    assert len({vm["id"].split("/")[2] for vm in vms}) == 3


def test_the_mix_is_believable() -> None:
    known = list(known_of(generated_world(1000)).values())
    kinds = Counter(
        one.kind for each in known for one in {p.kind: p for p in each.protections}.values()
    )
    assert 300 < kinds[ProtectionKind.BACKUP] < 600
    assert 40 < kinds[ProtectionKind.SITE_RECOVERY] < 200
    assert 40 < kinds[ProtectionKind.SNAPSHOTS] < 200
    production = sum(each.vm.tags.get("environment") == "production" for each in known)
    assert 400 < production < 600
    assert len({each.vm.size for each in known}) > 12
    assert len({each.vm.region for each in known}) == 6


def test_five_thousand_vms_are_made_and_asked_about() -> None:
    world = generated_world(5000)
    seen, engine = Seen(), Engine()
    engine.update(seen.changes(world))
    engine.update(seen.changes(world))
    query = "resources | where type =~ 'microsoft.compute/virtualmachines' | summarize n = count()"
    ((count,),) = engine.ask(query, None, world.now).rows
    assert count == 5000


def test_a_big_fleet_may_be_put_beside_the_sample() -> None:
    world = generated_world(100, world=sample_world(World()))
    known: dict[str, Any] = known_of(world)
    assert "rg-shop-prod/web-01" in known
    assert len(known) > 140
    subscription = world.get("/subscriptions/6f1d3c52-8a4e-4b7a-9c0e-2d5f7a9b1e34")
    assert subscription
    assert subscription["name"] == "Contoso Production"


def test_a_fleet_has_at_least_one_vm() -> None:
    with pytest.raises(ValueError, match="at least one"):
        generated_world(0)
