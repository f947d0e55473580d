"""Mutants of the fleet: what is unknown, what is saved, and what a stranger's name may do."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

FLEET = "advisor/fleet/"
SAMPLE = "tests/fleet/test_fleet_sample.py"
FORMS = "tests/fleet/test_fleet_forms.py"
READING = "tests/fleet/test_fleet_reading.py"
LARGE = "tests/fleet/test_fleet_large.py"
FINDINGS = "tests/fleet/test_fleet_findings.py"
SHAPES = "tests/fleet/test_fleet_shapes.py"

ROWS = (
    Mutant(
        name="VMs of which another protection has the younger last point get one advice",
        file=f"{FLEET}shapes.py",
        old="        (found.last_point is None, _place(found, named, moment)),",
        new="        found.last_point is None,",
        tests=(SHAPES,),
    ),
    Mutant(
        name="VMs that back up different disks get one advice",
        file=f"{FLEET}shapes.py",
        old="        frozenset(named.disks[key] for key in found.left_out),",
        new="        len(found.left_out),",
        tests=(SHAPES,),
    ),
    Mutant(
        name="VMs whose tags choose different tiers get one advice",
        file=f"{FLEET}shapes.py",
        old="        return name in self._tags or name.startswith((_OWN_TAGS, AKS_TAGS))",
        new="        return name.startswith((_OWN_TAGS, AKS_TAGS))",
        tests=(SHAPES,),
    ),
    Mutant(
        name="a lock is told to hold what only has a name that begins alike",
        file="advisor/inventory/locks.py",
        old='        return f"{arm_id.lower()}/".startswith(f"{self.scope}/")',
        new="        return arm_id.lower().startswith(self.scope)",
        tests=(FINDINGS,),
    ),
    Mutant(
        name="what lies in a resource group that may not be read is gone",
        file=f"{FLEET}estate_findings.py",
        old="_Absent.GONE if scopes.has_group_of(parts) else _Absent.UNKNOWN\n",
        new="_Absent.GONE\n",
        tests=("tests/fleet/test_fleet_unreadable_groups.py",),
    ),
    Mutant(
        name="a resource that stands twice in large files counts twice",
        file="advisor/inventory/fleet_parts.py",
        old="    if len(set(chain.from_iterable(one.ids for one in reads))) < ids:",
        new="    if ids < 0:",
        tests=(LARGE,),
    ),
    Mutant(
        name="a disk that lies in another part of a fleet is taken for one that was not read",
        file="advisor/inventory/fleet_parts.py",
        old="    beside = places.disks_elsewhere(reads)",
        new="    beside = defaultdict[int, set[Place]](set)",
        tests=(LARGE,),
    ),
    Mutant(
        name="a piece of a file ends within a resource and is read all the same",
        file="advisor/inventory/big_files.py",
        old="        if depth == 0 and (found := between.match(block, at + 1)):",
        new="        if depth >= 0 and (found := between.match(block, at + 1)):",
        tests=(LARGE,),
    ),
    Mutant(
        name="VMs whose protection was not read are called unprotected in a fleet",
        file="advisor/azure/estate_reading.py",
        old="Reading.READ if whole else Reading.FAILED)",
        new="Reading.READ)",
        tests=(READING,),
    ),
    Mutant(
        name="a query that gave fewer rows than it counted is whole",
        file="advisor/azure/estate_reading.py",
        old="        return self.total is not None and self.rows < self.total\n",
        new="        return False\n",
        tests=(READING,),
    ),
    Mutant(
        name="a VM that comes on two pages is two VMs",
        file="advisor/azure/estate_reading.py",
        old="[row for row in rows if _id(row) not in self._last] if self._last else rows",
        new="rows",
        tests=("tests/fleet/test_fleet_live_large.py",),
    ),
    Mutant(
        name="a row of a large fleet that could not be read is no gap",
        file="advisor/fleet/large.py",
        old="**dict.fromkeys(sorted(failed), Reading.FAILED)",
        new="",
        tests=("tests/fleet/test_fleet_live_large.py",),
    ),
    Mutant(
        name="pages that were kept of another question are used",
        file="advisor/azure/kept_pages.py",
        old='    if not isinstance(kept, dict) or kept.get("asked") != query.text:',
        new="    if not isinstance(kept, dict):",
        tests=(READING,),
    ),
    Mutant(
        name="what was read of a fleet is open to everybody on the machine",
        file="advisor/azure/kept_pages.py",
        old="_ONLY_OWNER = 0o600",
        new="_ONLY_OWNER = 0o644",
        tests=(READING,),
    ),
    Mutant(
        name="what is beyond the need is counted as a saving",
        file=f"{FLEET}vm_findings.py",
        old="yield found._replace(saves=MoneySpan(less, less))",
        new="yield found._replace(saves=MoneySpan(less, less), counted=True)",
        tests=(SAMPLE,),
    ),
    Mutant(
        name="a budget is exceeded by its last VM",
        file=f"{FLEET}top.py",
        old="        if spent + costs <= budget:",
        new="        if spent <= budget:",
        tests=(SAMPLE, FORMS),
    ),
    Mutant(
        name="a VM whose price is not known costs a fleet nothing, and is not counted",
        file=f"{FLEET}sums.py",
        old="        self._today_lacks += today is None",
        new="        self._today_lacks += 0",
        tests=(SAMPLE,),
    ),
    Mutant(
        name="a name is a formula in the spreadsheet",
        file="advisor/present/fleet_csv.py",
        old=" if text.startswith(_FORMULA) and not _is_number(text) else text",
        new=" if text.startswith(_FORMULA[:1]) else text",
        tests=(FORMS,),
    ),
    Mutant(
        name="a tag that cannot be read ends the whole fleet",
        file=f"{FLEET}report.py",
        old="            yield row_not_advised(known.vm, str(error))",
        new="            raise error",
        tests=(FORMS,),
    ),
    Mutant(
        name="a group of which no price is known costs 0",
        file="advisor/present/fleet_text.py",
        old='return f"≥ {brief_amount(amount)}" if amount else "unknown"',
        new="return brief_amount(amount)",
        tests=("tests/cli/test_cli_fleet.py",),
    ),
    Mutant(
        name="a sum that lacks prices passes --fail-above without a word",
        file="advisor/cli/fleet.py",
        old="elif wish.fail_above is not None and report.sums.today_without_price:",
        new="elif False:",
        tests=("tests/cli/test_cli_fleet.py",),
    ),
    Mutant(
        name="two readings of the fleet at once write into one folder",
        file="advisor/cli/fleet_live.py",
        old="        if is_ours:",
        new="        if is_ours or not resume:",
        tests=("tests/cli/test_cli_fleet_live.py",),
    ),
    Mutant(
        name="pages that are kept are as old as the last of them",
        file="advisor/azure/kept_pages.py",
        old="if not isinstance(at, float) or at < newer_than:",
        new="if not isinstance(at, float):",
        tests=(READING,),
    ),
)
