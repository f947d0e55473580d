"""The table of regions: its source, one-way pairs, and where data may go from a region."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from advisor.errors import UsageError
from advisor.model import Verdict
from advisor.regions import (
    REGIONS,
    leaves_geography,
    nearest_open,
    parse_region,
    region,
    same_continent,
)

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "regions.csv"
YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def test_every_region_is_as_its_source_has_it() -> None:
    if not FACTS.exists():
        pytest.skip(f"the regions as Microsoft lists them are not here: {FACTS}")
    rows = {row["region"]: row for row in csv.DictReader(FACTS.read_text("utf-8").splitlines())}
    assert rows.keys() == REGIONS.keys()
    opposite = {"yes": "no", "no": "yes", "unknown": "unknown"}
    for name, row in rows.items():
        known = REGIONS[name]
        assert (known.display_name, known.pair) == (row["display_name"], row["paired_region"])
        assert known.zones == row["availability_zones"], name
        assert (known.geography, known.continent) == (row["geography"], row["continent"])
        assert known.open == opposite[row["access_restricted"]], name
        assert (known.archive, known.cross_region_restore) == (row["archive_vm"], row["crr"])
        assert known.cloud == row["cloud"]


def test_of_57_public_regions_49_are_open_and_13_have_no_pair() -> None:
    public = [each for each in REGIONS.values() if each.cloud == "public"]
    assert len([each for each in public if each.paired is NO]) == 13
    assert len([each for each in public if each.open is YES]) == 49


@pytest.mark.parametrize(
    ("source", "pair", "back"),
    [
        ("brazilsouth", "southcentralus", "northcentralus"),
        ("westindia", "southindia", "centralindia"),
        ("indiasouthcentral", "centralindia", "southindia"),
        ("westus3", "eastus", "westus"),
        ("usgovvirginia", "usgovtexas", "usgovarizona"),
    ],
)
def test_a_pair_may_lead_one_way_only(source: str, pair: str, back: str) -> None:
    assert (region(source).pair, region(pair).pair) == (pair, back)


@pytest.mark.parametrize(
    ("name", "zones"),
    [("westus", NO), ("westus3", YES), ("japanwest", YES), ("austriaeast", YES), ("ukwest", NO)],
)
def test_zones_are_those_of_the_newest_list(name: str, zones: Verdict) -> None:
    assert region(name).zones is zones


@pytest.mark.parametrize(
    "name",
    ["australiacentral", "francecentral", "germanywestcentral", "norwayeast", "southafricanorth",
     "swedencentral", "switzerlandnorth", "uaenorth"],
)  # fmt: skip
def test_the_pair_of_these_must_let_a_subscription_in(name: str) -> None:
    assert not region(name).restricted
    assert region(region(name).pair).restricted


def test_of_a_region_that_is_not_in_the_table_nothing_is_known() -> None:
    one = region("atlantis")
    assert {one.paired, one.zones, one.open, one.archive, one.cross_region_restore} == {UNKNOWN}
    assert (one.pair, one.restricted) == ("", False)
    assert nearest_open("atlantis") == ()


@pytest.mark.parametrize("name", ["usdodeast", "israelnorthwest", "taiwannorth"])
def test_a_pair_that_no_article_gives_is_not_known_rather_than_none(name: str) -> None:
    assert region(name).paired is UNKNOWN


def test_a_target_lies_in_the_same_geography_before_the_same_continent() -> None:
    assert nearest_open("usgovvirginia") == ("usgovarizona",)
    assert nearest_open("qatarcentral") == ("israelcentral", "uaenorth")
    assert nearest_open("westus3")[0] == "centralus"


def test_nobody_is_sent_to_a_region_that_must_let_him_in_or_to_another_cloud() -> None:
    for name in REGIONS:
        for target in nearest_open(name):
            assert region(target).open is YES
            assert region(target).cloud == region(name).cloud
            assert target not in (name, region(name).pair)


def test_where_its_continent_has_no_other_the_next_one_has() -> None:
    found = nearest_open("chilecentral", frozenset({"brazilsouth"}))
    assert {region(each).continent for each in found} == {"North America"}


def test_a_border_of_data_residency_is_crossed_only_between_two_that_are_known() -> None:
    assert leaves_geography("brazilsouth", "southcentralus")
    assert not leaves_geography("swedencentral", "swedensouth")
    assert not leaves_geography("swedencentral", "atlantis")


def test_another_cloud_is_another_continent_for_prices() -> None:
    among = ("Europe", "North America")
    assert same_continent("eastus", "westus", among)
    assert not same_continent("usgovvirginia", "usgovtexas", among)


def test_regions_of_the_other_clouds_can_be_named() -> None:
    assert parse_region("US Gov Texas") == "usgovtexas"
    with pytest.raises(UsageError, match="not an Azure region"):
        parse_region("atlantis")
