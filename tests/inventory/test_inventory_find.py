"""Finding one VM of the fleet by the name a person types."""

from __future__ import annotations

import pytest
from inventory_samples import fleet, vm

from advisor.errors import VmAmbiguous, VmNotFound

FLEET = fleet([vm("web-01"), vm("web-02"), vm("DB-01"), vm("app-01", "rg-a"), vm("app-01", "rg-b")])


@pytest.mark.parametrize(
    "wanted",
    ["db-01", "DB-01", " db-01 ", "RG-A/db-01", vm("DB-01")["id"], vm("DB-01")["id"].upper()],
)
def test_a_vm_is_found_by_name_group_and_name_or_id_in_any_case(wanted: str) -> None:
    assert FLEET.find(wanted).vm.name == "DB-01"


def test_a_name_that_several_have_lists_their_ids() -> None:
    with pytest.raises(VmAmbiguous) as caught:
        FLEET.find("App-01")
    assert caught.value.ids == (vm("app-01", "rg-a")["id"], vm("app-01", "rg-b")["id"])
    assert FLEET.find("rg-b/app-01").vm.resource_group == "rg-b"


def test_a_name_that_none_has_offers_the_nearest() -> None:
    with pytest.raises(VmNotFound) as caught:
        FLEET.find("web01")
    assert set(caught.value.nearest) == {"web-01", "web-02"}


@pytest.mark.parametrize("wanted", ["rg-x/web-01", "/subscriptions/s/resourceGroups/rg-x/web-01"])
def test_a_group_that_does_not_hold_the_vm_offers_its_name(wanted: str) -> None:
    with pytest.raises(VmNotFound) as caught:
        FLEET.find(wanted)
    assert caught.value.nearest[0] == "web-01"


@pytest.mark.parametrize("wanted", ["", "/", "zzzzzzzzzz", "web-01/", "*"])
def test_what_is_no_name_of_ours_is_not_found(wanted: str) -> None:
    if wanted.strip("/") == "web-01":
        assert FLEET.find(wanted).vm.name == "web-01"
    else:
        with pytest.raises(VmNotFound):
            FLEET.find(wanted)


def test_an_empty_fleet_finds_nothing() -> None:
    with pytest.raises(VmNotFound):
        fleet([]).find("web-01")
