"""Tiers of one's own: read before the shipped ones, refused with the key that is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from advisor.errors import SettingsUnreadable, UsageError
from advisor.model import Consistency, EventNeed, Need, Retention
from advisor.needs import SHIPPED_TIERS, Tiers, need_of
from advisor.tiers_file import load_tiers
from tests.strategies import asked

GOLD = """
default_tier = "Gold"
[tiers.Gold]
tags = { ServiceClass = ["Gold"] }
deletion = { rpo = "4h" }
region = { rpo = "36h", rto = "24h", unpaired = "zone" }
keep = "daily=30,weekly=12"
isolated = true
consistency = "file-system"
"""


def tiers_of(folder: Path, text: str) -> Tiers:
    path = folder / "vmbackup.toml"
    path.write_text(text, encoding="utf-8")
    return load_tiers(path)


def need(tags: dict[str, str], tiers: Tiers, region: str = "westeurope") -> Need:
    return need_of(tags, region, asked(), tiers)


def test_a_tier_of_ones_own_is_read_in_full_and_chosen_by_its_tag(tmp_path: Path) -> None:
    found = need({"serviceclass": "GOLD"}, tiers_of(tmp_path, GOLD))
    assert found.tier == "gold"
    assert found.deletion == EventNeed(rpo=timedelta(hours=4))
    assert found.region == EventNeed(rpo=timedelta(hours=36), rto=timedelta(hours=24))
    assert found.retention == Retention(daily=30, weekly=12)
    assert (found.isolated, found.consistency) == (True, Consistency.FILE_SYSTEM)


def test_ones_own_tiers_stand_before_the_shipped_ones_which_remain(tmp_path: Path) -> None:
    tiers = tiers_of(tmp_path, GOLD)
    assert need({}, tiers).tier == "gold"
    both = {"environment": "dev", "serviceclass": "gold"}
    assert need(both, tiers).tier == "gold"
    assert need({"environment": "dev"}, tiers).tier == "development"


def test_a_shipped_tier_can_be_replaced_by_ones_own_of_its_name(tmp_path: Path) -> None:
    own = '[tiers.development]\ntags = { env = ["dev"] }\ndeletion = { rpo = "12h" }\n'
    tiers = tiers_of(tmp_path, own)
    assert len(tiers.tiers) == len(SHIPPED_TIERS)
    found = tiers.named("development")
    assert found is not None
    assert found.need.deletion == EventNeed(rpo=timedelta(hours=12))


def test_ones_own_tier_matches_the_alias_of_a_tag_as_well(tmp_path: Path) -> None:
    own = '[tiers.lab]\ntags = { env = ["lab"] }\ndeletion = { rpo = "24h" }\n'
    tiers = tiers_of(tmp_path, own)
    assert need({"env": "lab"}, tiers).tier == "lab"
    assert need({"environment": "lab"}, tiers).tier == "lab"


def test_where_the_region_has_no_pair_the_zone_is_asked_for_if_the_tier_says_so(
    tmp_path: Path,
) -> None:
    found = need({}, tiers_of(tmp_path, GOLD), "polandcentral")
    assert found.region is None
    assert found.zone == EventNeed(rpo=timedelta(hours=36), rto=timedelta(hours=24))
    without = tiers_of(tmp_path, GOLD.replace(', unpaired = "zone"', ""))
    assert need({}, without, "polandcentral").region is not None


def test_a_tag_names_its_tier_outright_or_is_refused(tmp_path: Path) -> None:
    tiers = tiers_of(tmp_path, GOLD)
    assert need({"VmBackup-Tier": "Development"}, tiers).tier == "development"
    with pytest.raises(UsageError, match="there are gold, mission-critical"):
        need({"vmbackup-tier": "silver"}, tiers)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("deletion = { rpo = 4 }", "tiers.x.deletion.rpo"),
        ('deletion = { rpo = "soon" }', "tiers.x.deletion.rpo"),
        ('deletion = { rto = "4h" }', "tiers.x.deletion.rpo"),
        ('deletion = { rpo = "4h", rpos = "5h" }', "tiers.x.deletion.rpos"),
        ("keep = 30", "tiers.x.keep"),
        ("keep = { daily = -3 }", "tiers.x.keep"),
        ('keep = "daily"', "tiers.x.keep"),
        ('consistency = "perfect"', "tiers.x.consistency"),
        ('region = { rpo = "36h", unpaired = "moon" }', "tiers.x.region.unpaired"),
        ('keeps = "daily=7"', "tiers.x.keeps"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path: Path, line: str, place: str) -> None:
    with pytest.raises(SettingsUnreadable) as refused:
        tiers_of(tmp_path, f"[tiers.x]\n{line}\n")
    assert refused.value.place == place
    assert "vmbackup.toml" in str(refused.value)


def test_a_default_that_names_no_tier_and_a_file_that_is_no_toml_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsUnreadable, match="no tier is called silver"):
        tiers_of(tmp_path, 'default_tier = "silver"\n')
    with pytest.raises(SettingsUnreadable, match="cannot be read"):
        tiers_of(tmp_path, "[tiers\n")
