"""Site Recovery: which VMs, where to, how much is written, what a replica costs."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

REPLICATION, OPTIONS = "advisor/options/site_recovery/", "tests/options/test_options_"
RULES, TARGETS = f"{OPTIONS}rules.py", f"{OPTIONS}targets.py"
BILLS, CHURN = f"{OPTIONS}bills.py", f"{OPTIONS}churn.py"
SYSTEMS, REGIONS = f"{OPTIONS}operating_system.py", f"{OPTIONS}regions.py"

ROWS = (
    Mutant(
        name="the recovery points of a found replication are ignored",
        file=f"{REPLICATION}configurations.py",
        old="        else found.recovery_points,  # none at all is a setting, too",
        new="        else DEFAULT_RECOVERY_POINTS,",
        tests=(TARGETS,),
    ),
    Mutant(
        name="the processor that the OS disk is for is ignored",
        file=f"{REPLICATION}rules.py",
        old="said = {case.vm.architecture, *(disk.architecture for disk in case.vm.disks"
        " if disk.is_os)}",
        new="said = {case.vm.architecture}",
        tests=(RULES,),
    ),
    Mutant(
        name="shared disks of an unknown system are not replicated",
        file=f"{REPLICATION}rules.py",
        old="""    if case.vm.os_type == "Linux":
        return no(f"On Linux shared disks""",
        new="""    if case.vm.os_type != "Windows":
        return no(f"On Linux shared disks""",
        tests=(RULES,),
    ),
    Mutant(
        name="Windows Server 2025 has no year",
        file="advisor/options/operating_system.py",
        old="20(?:08|12|16|19|22|25)",
        new="20(?:08|12|16|19|22)",
        tests=(SYSTEMS,),
    ),
    Mutant(
        name="Alma's 810-gen2 has no release",
        file="advisor/options/operating_system.py",
        old='"oracle linux", "rocky", "alma")\n_COMPACT =',
        new='"oracle linux", "rocky")\n_COMPACT =',
        tests=(SYSTEMS,),
    ),
    Mutant(
        name="West US has zones",
        file="advisor/regions_table.py",
        old="westus; West US; eastus; nyyy;",
        new="westus; West US; eastus; yyyy;",
        tests=(REGIONS,),
    ),
    Mutant(
        name="Brazil South is paired with a neighbour of its pair",
        file="advisor/regions_table.py",
        old="brazilsouth; Brazil South; southcentralus; yyyy;",
        new="brazilsouth; Brazil South; northcentralus; yyyy;",
        tests=(REGIONS,),
    ),
    Mutant(
        name="recovery points are priced where the VM is and not where they lie",
        file=f"{REPLICATION}bill.py",
        old='meter=meters.snapshot(family, "LRS", target),',
        new='meter=meters.snapshot(family, "LRS", case.vm.region),',
        tests=(TARGETS,),
    ),
    Mutant(
        name="that the churn mode cannot change in place is not said",
        file=f"{REPLICATION}in_place.py",
        old='if have["churn_mode"] != want["churn_mode"]:',
        new='if have["churn_mode"] == "none":',
        tests=(TARGETS,),
    ),
    Mutant(
        name="Brazil South is proposed as a target",
        file=f"{REPLICATION}configurations.py",
        old="near = nearest_open(case.vm.region, ONLY_SOURCE)[:MOST_TARGETS]",
        new="near = nearest_open(case.vm.region)[:MOST_TARGETS]",
        tests=(TARGETS,),
    ),
    Mutant(
        name="where the pair must let one in no other region is proposed",
        file=f"{REPLICATION}configurations.py",
        old="return ((pair, *near) if pair else near) or",
        new="return ((pair,) if pair else near) or",
        tests=(TARGETS,),
    ),
    Mutant(
        name="that Microsoft must let one into the target is no condition",
        file=f"{REPLICATION}target_rules.py",
        old='return Reason("target-region", Verdict.YES, text, REGION_LIST, condition=condition)',
        new='return Reason("target-region", Verdict.YES, text, REGION_LIST)',
        tests=(TARGETS,),
    ),
    Mutant(
        name="another cloud can be the target",
        file=f"{REPLICATION}target_rules.py",
        old="if home.cloud and there.cloud and home.cloud != there.cloud:",
        new="if not home.cloud and there.cloud and home.cloud != there.cloud:",
        tests=(CHURN,),
    ),
    Mutant(
        name="a premium disk of 512 GiB writes 8 MB/s at most",
        file=f"{REPLICATION}churn.py",
        old="disk.size_gib >= limit.large_gib",
        new="disk.size_gib > limit.large_gib",
        tests=(CHURN,),
    ),
    Mutant(
        name="54 MB/s are above what a VM may write",
        file=f"{REPLICATION}churn.py",
        old="    if value > limit.vm:\n",
        new="    if value >= limit.vm:\n",
        tests=(CHURN,),
    ),
    Mutant(
        name="what is written all day is not held against the limit",
        file=f"{REPLICATION}churn.py",
        old="if mean is not None and mean > limit.vm:",
        new="if mean is not None and mean < 0:",
        tests=(CHURN,),
    ),
    Mutant(
        name="a peak of several disks is taken for that of one",
        file=f"{REPLICATION}churn.py",
        old="    if len(limits) == 1:\n",
        new="    if limits:\n",
        tests=(CHURN,),
    ),
    Mutant(
        name="a VM is replicated into its own zone",
        file=f"{REPLICATION}configurations.py",
        old="next(zone for zone in ZONES if zone not in case.vm.zones[:2])",
        new="next(zone for zone in ZONES if zone not in case.vm.zones[1:2])",
        tests=(TARGETS,),
    ),
    Mutant(
        name="a VM that is off is replicated as if it ran",
        file=f"{REPLICATION}option.py",
        old="conditions=(IF_STARTED,) if stopped else (),",
        new="conditions=(),",
        tests=(TARGETS,),
    ),
    Mutant(
        name="a disk that is not replicated is no gap",
        file=f"{REPLICATION}option.py",
        old="        left_out=left_out,\n",
        new="",
        tests=(TARGETS,),
    ),
    Mutant(
        name="the disks of a replica that leaves some out are billed",
        file=f"{REPLICATION}bill.py",
        old="return tuple(_lines(_replicated(case, chosen.left_out), chosen, running_days))",
        new="return tuple(_lines(case, chosen, running_days))",
        tests=(TARGETS,),
    ),
    Mutant(
        name="the replica of a Premium SSD v2 is one, too",
        file=f"{REPLICATION}bill.py",
        old='family = "Premium" if is_premium_v2(disk) else sku.family',
        new="family = sku.family",
        tests=(BILLS,),
    ),
    Mutant(
        name="a zone-redundant disk has a zone-redundant replica anywhere",
        file=f"{REPLICATION}bill.py",
        old='redundancy = "ZRS" if each.zonal and zonal else "LRS"',
        new='redundancy = "ZRS" if each.zonal else "LRS"',
        tests=(BILLS,),
    ),
    Mutant(
        name="traffic is billed between zones",
        file=f"{REPLICATION}bill.py",
        old="    if not chosen.to_zone:\n        yield _traffic",
        new="    if target:\n        yield _traffic",
        tests=(BILLS,),
    ),
    Mutant(
        name="the cache of High Churn is the standard one",
        file=f"{REPLICATION}bill.py",
        old='premium = chosen.churn == "high"',
        new='premium = chosen.churn == "premium"',
        tests=(BILLS,),
    ),
    Mutant(
        name="recovery points have no dearer end",
        file=f"{REPLICATION}bill.py",
        old='or_meter=meters.snapshot(dearest, "LRS", target) if may_be_dearer else None,',
        new="or_meter=None,",
        tests=(TARGETS,),
    ),
    Mutant(
        name="the credit of the first days is paid",
        file=f"{REPLICATION}bill.py",
        old="quantity=Range.exactly(Decimal(-1 if free else 1)),",
        new="quantity=Range.exactly(Decimal(1)),",
        tests=("tests/worked/test_worked_bills.py",),
    ),
    Mutant(
        name="a generation 1 VM on NVMe is replicated",
        file=f"{REPLICATION}rules.py",
        old='if case.vm.generation == "V1":',
        new='if case.vm.generation == "V0":',
        tests=(RULES,),
    ),
    Mutant(
        name="a release newer than the article lists is replicated",
        file=f"{REPLICATION}rules.py",
        old="if system.version[: len(newest)] > newest:",
        new="if system.version[: len(newest)] > newest and not oldest:",
        tests=(RULES,),
    ),
    Mutant(
        name="replication from NVMe in preview rests on nothing",
        file=f"{REPLICATION}rules.py",
        old='        "the preview of replication from NVMe controllers takes it",\n',
        new="",
        tests=(RULES,),
    ),
    Mutant(
        name="a Trusted Launch VM of the first day is too old",
        file=f"{REPLICATION}rules.py",
        old="case.vm.created < TRUSTED_SINCE",
        new="case.vm.created <= TRUSTED_SINCE",
        tests=(RULES,),
    ),
    Mutant(
        name="a VM agent that is not ready is sure to run",
        file="advisor/options/operating_system.py",
        old='return Verdict.YES if vm.agent_status.lower() == "ready" else Verdict.NO',
        new="return Verdict.YES",
        tests=(SYSTEMS,),
    ),
    Mutant(
        name="AMD sizes run on Azure Boost from the generation of Intel's",
        file="advisor/options/vm_size.py",
        old="BOOST_AMD_GENERATION if self.amd else BOOST_INTEL_GENERATION)",
        new="BOOST_INTEL_GENERATION)",
        tests=(f"{OPTIONS}vm_size.py", RULES),
    ),
    Mutant(
        name="a constrained size has all of its cores",
        file="advisor/options/vm_size.py",
        old='cores = int(match["constrained"]) if match["constrained"] else full',
        new="cores = full",
        tests=(f"{OPTIONS}vm_size.py",),
    ),
)
