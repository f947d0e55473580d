"""What was asked for everything at once and failed: never the same as read, nor as not supplied."""

from __future__ import annotations

import pytest

from advisor.inventory.coverage import InventoryPart, InventoryRead, coverage_of
from advisor.model import Reading, Vault
from tests.strategies import a_vm

VAULT = Vault(id="/subscriptions/s/vaults/v1", name="v1", region="westeurope")
#: What is read from a list of the VM's subscription as well.
OF = {
    InventoryPart.BACKUP_ITEMS: "backup_items",
    InventoryPart.REPLICATED_ITEMS: "replicated_items",
    InventoryPart.SNAPSHOTS: "snapshots",
    InventoryPart.RESTORE_POINTS: "restore_points",
}


@pytest.mark.parametrize("part", list(OF))
@pytest.mark.parametrize("reading", list(Reading))
def test_a_part_asked_for_at_once_has_the_reading_it_had(
    part: InventoryPart, reading: Reading
) -> None:
    found = coverage_of(a_vm(), (), InventoryRead(at_once={part: reading}))
    assert getattr(found, OF[part]) is reading
    others = {getattr(found, name) for other, name in OF.items() if other is not part}
    assert others == {Reading.NOT_SUPPLIED}


def test_items_that_failed_at_once_cover_no_vault() -> None:
    looked = InventoryRead(at_once={InventoryPart.BACKUP_ITEMS: Reading.FAILED})
    found = coverage_of(a_vm(), (VAULT,), looked)
    assert (found.backup_items, found.all_vaults) == (Reading.FAILED, False)


def test_a_list_of_the_subscription_does_not_undo_that_the_whole_failed() -> None:
    vm = a_vm()
    looked = InventoryRead(
        at_once={InventoryPart.SNAPSHOTS: Reading.FAILED},
        subscriptions={InventoryPart.SNAPSHOTS: frozenset({vm.subscription_id.lower()})},
    )
    assert coverage_of(vm, (), looked).snapshots is Reading.FAILED
