"""`estimate` speaks of a VM that does not exist: defaults, rates of disks, what could be saved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from advisor.advising import estimate
from advisor.asked import EstimateAsked, StatedDisk
from advisor.cli.disk_flag import parse_disk
from advisor.cli.estimate import estimate as command
from advisor.cli.group import run
from advisor.model import Estimated, Verdict
from advisor.options import BY_NAME, OPTIONS
from advisor.options.flags import flag_value
from advisor.present.as_markdown import estimated_markdown
from advisor.present.as_text import estimated_text
from advisor.present.bill_table import saving_words
from bot.cli import vmbackup
from tests.strategies import NOW, book

SAID: tuple[tuple[str, dict[str, Any]], ...] = (
    ("azure-backup", {}),
    ("azure-backup", {"policy": "standard"}),
    ("azure-backup", {"crash_only": True}),
    ("azure-backup", {"archive": True, "keep": "daily=30,monthly=24"}),
    ("site-recovery", {}),
    ("site-recovery", {"churn_mode": "high"}),
    ("snapshots", {}),
    ("snapshots", {"full": True}),
    ("snapshots", {"consistent": "application"}),
    ("snapshots", {"by": "azure-disk-backup"}),
)
#: What is said of a VM that exists: it was read, it has an image, it can be measured.
OF_A_REAL_VM = ("image", "agent", "Azure Monitor", "were not measured", "--used", "billed GB")


def estimated(option: str, *disks: str, region: str = "westeurope", **others: Any) -> Estimated:
    stated = tuple(map(parse_disk, disks or ("Premium_LRS:128:40",)))
    asked = EstimateAsked(option=option, region=region, disks=stated, **others)
    return estimate(asked, book(), NOW)


def lines_of(found: Estimated) -> dict[str, str]:
    return {
        line.usage.name: "unknown" if line.monthly is None else str(line.monthly.likely)
        for line in found.assessment.lines
    }


def in_the_terminal(found: Estimated) -> str:
    return estimated_text(found, width=100, color=False)


# --- a VM that does not exist ----------------------------------------------------------------


@pytest.mark.parametrize(("option", "said"), SAID, ids=str)
@pytest.mark.parametrize("sku", ["Premium_LRS:512", "UltraSSD_LRS:512"])
@pytest.mark.parametrize("shown", [in_the_terminal, estimated_markdown])
def test_nothing_is_said_of_what_only_a_real_vm_has(
    option: str, said: dict[str, Any], sku: str, shown: Callable[[Estimated], str]
) -> None:
    text = re.sub(r"\s+", " ", shown(estimated(option, "Premium_LRS:128", sku, said=said)))
    rest = text.partition("Not said")[2] + text.partition("Sizes counted with")[2]
    assert not [words for words in OF_A_REAL_VM if words in rest]


def test_what_was_not_said_is_said_by_the_flag_that_says_it() -> None:
    lacking = " ".join(
        reason.text
        for reason in estimated("site-recovery").assessment.proposal.reasons
        if reason.verdict is Verdict.UNKNOWN
    )
    for flag in ("--os windows or --os linux", "--size Standard_D4s_v5", "--peak-write 12MB/s"):
        assert f"pass {flag}." in lacking
    told = estimated(
        "site-recovery", os_type="Windows", size="Standard_D4s_v5", peak_write_mb_per_s=Decimal(4)
    )
    open_still = [
        reason.text
        for reason in told.assessment.proposal.reasons
        if reason.verdict is Verdict.UNKNOWN
    ]
    assert open_still == ["Whether the release of Windows is on the list is not asked: look it up."]


def test_a_peak_that_was_said_is_not_called_unsaid() -> None:
    """Of two disks nobody knows which one writes; that is another thing."""
    found = estimated(
        "site-recovery",
        "Premium_LRS:128",
        "Premium_LRS:128",
        peak_write_mb_per_s=Decimal(12),
    )
    [said] = [each.text for each in found.assessment.proposal.reasons if each.rule == "churn"]
    assert "whether one disk writes more than its 8 MB/s is not known" in said


def test_what_narrows_the_range_is_a_flag_that_estimate_has() -> None:
    spread = estimated("azure-backup", "Premium_LRS:128").drives_spread
    assert "pass --churn 2%" in spread or "--disk Premium_LRS:128:40" in spread
    flags = {f"--{parameter.name}" for parameter in command.params} | {"--churn", "--disk"}
    assert set(re.findall(r"--[a-z]+", spread)) <= flags


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("estimate", "snapshots", "--region", "westeurope", "--disk", "Premium_LRS:128")
    assert run(vmbackup(), (*words, "--size", "big")) == 2
    assert capsys.readouterr().err == (
        "vmbackup: “big” is not a size of a VM. Write it like Standard_D4s_v5.\n"
    )


# --- IOPS and MB/s ---------------------------------------------------------------------------


def test_the_replica_of_an_ultra_disk_is_billed_by_its_rates() -> None:
    """North Europe, 730 hours: 5,000 x 0.000081 and 200 x 0.000529 USD an hour."""
    found = estimated(
        "site-recovery", "Premium_LRS:128:40", "UltraSSD_LRS:1024:400:200mbps:5000iops"
    )
    lines = lines_of(found)
    assert Decimal(lines["Replica of data-disk-1: IOPS"]) == Decimal("295.65")
    assert Decimal(lines["Replica of data-disk-1: throughput"]) == Decimal("77.234")
    assert found.assessment.monthly.complete


def test_without_rates_the_line_says_how_to_pass_them_and_the_total_is_a_floor() -> None:
    found = estimated("site-recovery", "Premium_LRS:128:40", "UltraSSD_LRS:1024:400")
    assert lines_of(found)["Replica of data-disk-1: IOPS"] == "unknown"
    monthly = found.assessment.monthly
    assert (monthly.likely, monthly.high) == (None, None)
    assert any("UltraSSD_LRS:1024:400:5000iops:200mbps" in each for each in monthly.missing)


def test_the_rates_of_a_premium_ssd_v2_limit_what_it_writes() -> None:
    disk = parse_disk("PremiumV2_LRS:1024:400:3000iops:125mbps")
    assert disk == StatedDisk(
        sku="PremiumV2_LRS",
        provisioned_gib=1024,
        used_gib=Decimal(400),
        iops=3000,
        throughput_mb_per_s=125,
    )
    slow = estimated("snapshots", "PremiumV2_LRS:1024:400:3000iops:1mbps")
    fast = estimated("snapshots", "PremiumV2_LRS:1024:400:3000iops:125mbps")
    written = [each.sizing.written_gib_per_day.range.high for each in (slow, fast)]
    assert written[0] < 81  # GiB: 1 MB/s all day
    assert written[1] == 280  # ten times the 7 % of 400 that may change


# --- defaults --------------------------------------------------------------------------------


@pytest.mark.parametrize("option", OPTIONS, ids=lambda each: each.name)
def test_the_help_says_the_defaults_that_hold(option: Any) -> None:
    """What an estimate takes that nobody asked for, in a region with zones and a pair."""
    taken = estimated(option.name).assessment.proposal.configuration
    for flag in option.flags:
        value = flag_value(taken.get(flag.key))
        if value in (None, False):
            continue
        if flag.key in ("to", "churn_mode"):  # they follow the region and the disks
            assert flag.default
        else:
            assert re.match(rf"{re.escape(str(value))}\b", flag.default), flag.key


def test_the_help_of_estimate_shows_them() -> None:
    helps = {parameter.name: str(getattr(parameter, "help", "")) for parameter in command.params}
    assert helps["every"].endswith("Default: 24h.")
    assert helps["keep"].endswith("Default: daily=30 (azure-backup) and daily=7 (snapshots).")
    assert helps["drills"].endswith("Default: 4.")
    assert "Default" not in helps["archive"]


# --- what could be saved ---------------------------------------------------------------------


def test_reserved_vault_capacity_is_a_share_of_the_vault_storage_alone() -> None:
    """West Europe, GRS: 1,000 GB x 0.0448 = 44.80 USD a month; 12, 20, 16 and 24 % of it."""
    found = estimated("azure-backup", "Premium_LRS:1024:1000", said={"keep": "daily=1"})
    stored = Decimal(lines_of(found)["Vault storage"])
    [saving] = found.savings
    assert [(term.from_gib, term.years, str(term.share)) for term in saving.terms] == [
        (102_400, 1, "0.12"),
        (102_400, 3, "0.20"),
        (1_048_576, 1, "0.16"),
        (1_048_576, 3, "0.24"),
    ]
    for term in saving.terms:
        assert term.saves == (stored * term.share).quantize(Decimal("0.0001"))
    assert found.assessment.monthly.likely == sum(map(Decimal, lines_of(found).values()))


def test_the_saving_of_a_vm_is_called_its_share() -> None:
    [saving] = estimated("azure-backup", "Premium_LRS:1024:400", said={"keep": "daily=7"}).savings
    said = saving_words(saving, "USD")
    assert said.startswith(
        "Reserved vault capacity: 12 % less for 1 year and 20 % for 3 years, from 100 TB in the"
        " vaults of one region and redundancy on; 16 % and 24 % from 1 PB on. Of this bill that is"
    )
    assert said.endswith("USD a month; the VM alone does not fill the smallest.")
    full = saving._replace(gib=Decimal(102_400))
    assert saving_words(full, "USD").endswith("USD a month.")


@pytest.mark.parametrize("option", [name for name in BY_NAME if name != "azure-backup"])
def test_what_stores_nothing_in_a_vault_saves_nothing_there(option: str) -> None:
    assert estimated(option).savings == ()


def test_without_a_price_of_vault_storage_nothing_is_saved() -> None:
    assert estimated("azure-backup", region="swedencentral").savings == ()


def test_json_has_the_savings_beside_the_bill(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("estimate", "azure-backup", "--region", "westeurope", "--disk", "Premium_LRS:128:40")
    assert run(vmbackup(), (*words, "--json")) == 0
    document = json.loads(capsys.readouterr().out)
    [saving] = document["savings"]
    assert saving["name"] == "Reserved vault capacity"
    assert saving["terms"][0].keys() == {"from_gib", "years", "share", "monthly"}
