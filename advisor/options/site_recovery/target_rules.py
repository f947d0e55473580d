"""Where Site Recovery replicates from and to: regions, zones, and who may use them."""

from __future__ import annotations

from functools import lru_cache

from advisor.model import Reason, Verdict
from advisor.options.case import Case, RuleAnswer, SupportRule, no, no_disk, unknown, yes
from advisor.options.site_recovery.rules import MATRIX
from advisor.regions import display_name, leaves_geography, region

QUESTIONS = "azure-to-azure-common-questions, 2025-07-25"
REGION_LIST = "reliability/regions-list, 2026-07-28"
ZONES = "azure-to-azure-how-to-enable-zone-to-zone-disaster-recovery, 2022-03-23"

#: MATRIX; of China: docs.azure.cn, undated.
ONLY_SOURCE = frozenset({"brazilsouth", "chinanorth"})
ONLY_TARGET = frozenset({"brazilsoutheast", "chinaeast"})


def _source_region(case: Case) -> RuleAnswer:
    name = display_name(case.vm.region)
    if case.vm.region in ONLY_TARGET:
        return no(f"{name} can only be a target.")
    if not region(case.vm.region).cloud:
        return unknown(f"Whether {name} can be a source is not known.")
    return yes(f"{name} can be a source.")


SOURCE_RULES = (SupportRule("source-region", MATRIX, _source_region),)


# --- zone to zone ----------------------------------------------------------------------------


def _zonal(case: Case) -> RuleAnswer:
    if not case.vm.zones:
        return no("The VM is in no availability zone; zone to zone needs a zonal VM.")
    return yes(f"The VM is in zone {case.vm.zones[0]}.")


def _other_zone(case: Case) -> RuleAnswer:
    wanted = (case.to or "").removeprefix("zone:")
    if wanted and wanted in case.vm.zones:
        return no(f"The VM is in zone {wanted} already.")
    return yes("The target is another zone.")


ZONE_RULES = (
    SupportRule("zonal-vm", ZONES, _zonal),
    SupportRule("other-zone", ZONES, _other_zone),
    no_disk(
        "zone-ultra-disks",
        MATRIX,
        lambda disk: None if disk.sku is None else disk.sku.startswith("UltraSSD"),
        "Ultra disks are not replicated between zones: {disks}.",
        "No disk is an Ultra disk.",
    ),
    no_disk(
        "zone-redundant-disks",
        ZONES,
        lambda disk: None if disk.sku is None else disk.sku.endswith("_ZRS"),
        "Zone-redundant disks are not replicated between zones: {disks}.",
        "No disk is zone-redundant.",
    ),
)


# --- where to --------------------------------------------------------------------------------


def target_reason(case: Case, target: str) -> Reason:
    """Whether a region can be the target. An empty target: none was named and none is known."""
    return _from_to(case.vm.region, target)


@lru_cache(maxsize=4096)
def _from_to(source: str, target: str) -> Reason:
    home, there = region(source), region(target)
    name, shown = home.display_name, there.display_name
    if not target:
        text = f"Which region {name} can be replicated to is not known; name one with --to."
        return Reason("target-region", Verdict.UNKNOWN, text, REGION_LIST)
    if target == source:
        text = f"{name} is where the VM is; within a region only zone to zone is possible."
        return Reason("target-region", Verdict.NO, text, QUESTIONS)
    if target in ONLY_SOURCE:
        return Reason("target-region", Verdict.NO, f"{shown} can only be a source.", MATRIX)
    if home.cloud and there.cloud and home.cloud != there.cloud:
        text = f"{shown} is of another cloud than {name}."
        return Reason("target-region", Verdict.NO, text, QUESTIONS)
    residency = _residency(source, target)
    if there.restricted:
        text = f"Microsoft must let a subscription into {shown}.{residency}"
        condition = f"the subscription is let into {shown}"
        return Reason("target-region", Verdict.YES, text, REGION_LIST, condition=condition)
    if there.open is Verdict.UNKNOWN:
        text = f"Whether {shown} is open to every subscription is not known."
        return Reason("target-region", Verdict.UNKNOWN, text, REGION_LIST, True, True)
    text = f"{shown} can be the target.{residency}"
    return Reason("target-region", Verdict.YES, text, MATRIX)


def residency_note(case: Case, target: str) -> str:
    """The sentence on data residency where the target lies in another geography, or nothing."""
    return _residency(case.vm.region, target).strip()


@lru_cache(maxsize=4096)
def _residency(source: str, target: str) -> str:
    if not leaves_geography(source, target):
        return ""
    there = region(target)
    return (
        f" {there.display_name} lies in another geography ({there.geography}): a decision on data"
        " residency."
    )
