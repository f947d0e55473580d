"""The fleet that the benchmark advises on is what it says: distinct, repeatable, mixed."""

from __future__ import annotations

from advisor.prices.shipped import shipped_book
from tests.bench.fleet import REGIONS, fleet


def test_the_same_seed_makes_the_same_fleet() -> None:
    assert fleet(50) == fleet(50)
    assert fleet(50) != fleet(50, seed=1)


def test_no_two_vms_are_alike_but_for_their_names() -> None:
    shapes = {
        (
            known.vm.region,
            known.vm.size,
            known.vm.image,
            known.vm.zones,
            known.vm.priority,
            known.vm.power_state,
            known.vm.security_type,
            tuple(sorted(known.vm.tags.items())),
            tuple(
                (disk.sku, disk.size_gib, disk.caching, disk.max_shares) for disk in known.vm.disks
            ),
            bool(known.protections),
        )
        for known in fleet(2000)
    }
    assert len(shapes) == 2000


def test_the_fleet_has_every_kind_of_vm_that_the_options_tell_apart() -> None:
    vms = [known.vm for known in fleet(2000)]
    assert {len(vm.disks) for vm in vms} >= {1, 2, 3, 8, 16}
    assert {vm.architecture for vm in vms} == {"x64", "Arm64"}
    assert {vm.disk_controller for vm in vms} == {"SCSI", "NVMe"}
    assert {vm.priority for vm in vms} == {"Regular", "Spot"}
    assert {disk.sku for vm in vms for disk in vm.disks} >= {"UltraSSD_LRS", "PremiumV2_LRS"}


def test_every_region_of_the_fleet_has_prices() -> None:
    priced = {region for region, currency in shipped_book().regions() if currency == "USD"}
    assert set(REGIONS) <= priced
