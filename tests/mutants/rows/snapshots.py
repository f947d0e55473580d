"""Snapshots, restore points and Azure Disk Backup: bills, what points hold, what was found."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

SNAPSHOTS, OPTIONS = "advisor/options/snapshots/", "tests/options/test_options_"
LAWS, BILLS = "tests/laws/test_laws_options.py", f"{OPTIONS}bills.py"
DISK_BACKUP, FOUND = f"{OPTIONS}disk_backup.py", f"{OPTIONS}snapshots_in_place.py"
SHARED_BILL = f"{LAWS}::test_a_shared_bill_is_the_configurations_own"
SHARED_TIERS = f"{LAWS}::test_shared_tiers_reasons_and_notes_are_the_configurations_own"

ROWS = (
    Mutant(
        name="a snapshot that is not listed any more was deleted by somebody",
        file="bot/request_service.py",
        old="PointStatus.NOT_READ for point in shown.not_shown",
        new="PointStatus.VANISHED for point in shown.not_shown",
        tests=("tests/workflow/test_workflow_listing.py",),
    ),
    Mutant(
        name="an expired disk that is attached is deleted by itself",
        file="bot/workflow/reminders_and_expiry.py",
        old="        due = [point for point in due if point not in attached]\n",
        new="",
        tests=(
            "tests/workflow/test_workflow_disk_expiry.py"
            "::test_a_disk_that_is_attached_is_asked_about_at_its_expiry_and_stays",
        ),
    ),
    Mutant(
        name="a disk that was attached and taken off again is deleted at its expiry",
        file="bot/azure/attachment.py",
        old='bool(owned or held.get("lastOwnershipUpdateTime"))',
        new="bool(owned)",
        tests=(
            "tests/workflow/test_workflow_disk_expiry.py"
            "::test_a_disk_that_somebody_attached_and_took_off_again_stays",
        ),
    ),
    Mutant(
        name="a disk that is taken into use before its deletion begins is deleted",
        file="bot/workflow/begin_steps.py",
        old="    if not request.requester.user_id and await attached_disks(ports, due):\n",
        new="    if False:\n",
        tests=(
            "tests/workflow/test_workflow_disk_expiry.py"
            "::test_a_disk_that_is_attached_before_its_deletion_begins_stays",
        ),
    ),
    Mutant(
        name="traffic is shared between copies of every frequency",
        file=f"{SNAPSHOTS}bill.py",
        old='key = ("traffic", target, chosen.every, chosen.disks)',
        new='key = ("traffic", target, chosen.disks)',
        tests=(SHARED_BILL,),
    ),
    Mutant(
        name="what is copied crosses once a day however often it is",
        file=f"{SNAPSHOTS}bill.py",
        old="points = DAYS_PER_MONTH / chosen.days_between",
        new="points = DAYS_PER_MONTH",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="copies go to the pair whatever --to says",
        file=f"{SNAPSHOTS}configurations.py",
        old='target=case.to if case.to and not case.to.startswith("zone:") else',
        new="target=",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="traffic of a copy leaves from the target",
        file=f"{SNAPSHOTS}bill.py",
        old="""\
                name="Traffic between regions",
                kind=LineKind.RECURRING,
                meter=meters.transfer(self._case.vm.region, target),""",
        new="""\
                name="Traffic between regions",
                kind=LineKind.RECURRING,
                meter=meters.transfer(target, self._case.vm.region),""",
        tests=(f"{LAWS}::test_every_line_lies_where_the_vm_is_or_where_it_is_copied_to",),
    ),
    Mutant(
        name="zones that are not known are not named among what was not read",
        file=f"{SNAPSHOTS}rules.py",
        old='Reason("snapshot-zones", zones, text, SNAPSHOTS, True, zones is Verdict.UNKNOWN)',
        new='Reason("snapshot-zones", zones, text, SNAPSHOTS, True)',
        tests=(f"{OPTIONS}case.py",),
    ),
    Mutant(
        name="the first copy is shared between all disks and some",
        file=f"{SNAPSHOTS}bill.py",
        old='key = ("first copy", target, chosen.disks)',
        new='key = ("first copy", target)',
        tests=(SHARED_BILL,),
    ),
    Mutant(
        name="a copy is zone-redundant like the snapshot beside the disk",
        file=f"{SNAPSHOTS}bill.py",
        old='"ZRS" if here and chosen.redundancy == "zrs" else "LRS"',
        new='"ZRS" if chosen.redundancy == "zrs" else "LRS"',
        tests=(BILLS,),
    ),
    Mutant(
        name="the points of Azure Disk Backup need somebody who takes them",
        file=f"{SNAPSHOTS}tiers.py",
        old="    if chosen.by == DISK_BACKUP:\n        return ()\n",
        new="",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="nobody has to take snapshots that nothing takes on schedule",
        file=f"{SNAPSHOTS}tiers.py",
        old="return _SERIES if chosen.observed else _TAKEN",
        new="return _SERIES if chosen.observed else ()",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="the tiers of Azure Disk Backup are those of snapshots that somebody takes",
        file=f"{SNAPSHOTS}bill.py",
        old='return f"{self.stored} {self.consistent} {self.by} {self.observed}"',
        new='return f"{self.stored} {self.consistent} {self.observed}"',
        tests=("tests/options/test_options_disk_backup.py",),
    ),
    Mutant(
        name="a policy of Azure Disk Backup is judged like one that runs less often",
        file=f"{SNAPSHOTS}bill.py",
        old='return f"{self.consistent} {self.full} {self.by} {self.by and self.every}"',
        new='return f"{self.consistent} {self.full} {self.by}"',
        tests=(SHARED_TIERS, DISK_BACKUP),
    ),
    Mutant(
        name="separate snapshots of several disks have a common moment",
        file=f"{SNAPSHOTS}tiers.py",
        old="return Consistency.NONE if facts.several else Consistency.CRASH",
        new="return Consistency.CRASH",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="a disk that needs no protection spoils the common moment",
        file=f"{SNAPSHOTS}option.py",
        old="absent = case.leave_out | left_out(case, only, None)",
        new="absent = left_out(case, only, None)",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="snapshots of a VM that is off lack what is in flight",
        file=f"{SNAPSHOTS}tiers.py",
        old="    if facts.at_rest:\n        return Consistency.APPLICATION\n",
        new="",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="restore points hold shared disks",
        file=f"{SNAPSHOTS}bill.py",
        old="        or (consistent and is_shared(size.disk))\n",
        new="",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="application-consistent restore points rest on no agent",
        file=f"{SNAPSHOTS}tiers.py",
        old='unsure = facts.agent if chosen.consistent == "application" else ""',
        new='unsure = ""',
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="a copy in another region lags behind by nothing",
        file=f"{SNAPSHOTS}tiers.py",
        old="rpo=chosen.every * COPY_LAG_INTERVALS if there else chosen.every,",
        new="rpo=chosen.every,",
        tests=(f"{OPTIONS}tiers.py",),
    ),
    Mutant(
        name="Azure Disk Backup keeps 500 points of a disk",
        file=f"{SNAPSHOTS}disk_backup_rules.py",
        old="MOST_POINTS = 450",
        new="MOST_POINTS = 500",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="Azure Disk Backup keeps points longer than a year",
        file=f"{SNAPSHOTS}disk_backup_rules.py",
        old="kept = points <= MOST_POINTS and days <= LONGEST_DAYS",
        new="kept = points <= MOST_POINTS",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="Azure Disk Backup of an Ultra disk is proposed every 4 h",
        file=f"{SNAPSHOTS}configurations.py",
        old="allowed = SCHEDULES_OF_DIRECT_DRIVE if wanted.direct_drive else SCHEDULES",
        new="allowed = SCHEDULES",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="a need of the region is asked for as often as one of deletion",
        file=f"{SNAPSHOTS}configurations.py",
        old="(region, COPY_LAG_INTERVALS)",
        new="(region, 1)",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="application-consistent restore points are proposed every hour",
        file=f"{SNAPSHOTS}configurations.py",
        old="        if every >= shortest\n",
        new="",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="an Ultra disk among those left out spoils the schedule of the others",
        file=f"{SNAPSHOTS}configurations.py",
        old="wanted = _wanted(case)._replace(direct_drive=any(map(is_direct_drive, held)))",
        new="wanted = _wanted(case)",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="a complement holds the whole VM",
        file=f"{SNAPSHOTS}configurations.py",
        old="return tuple(replace(each, only=only) for each in"
        " (*_scheduled(wanted), *_separate(wanted)))",
        new="return (*_scheduled(wanted), *_separate(wanted))",
        tests=(DISK_BACKUP,),
    ),
    Mutant(
        name="the snapshots of a series are counted as those of one disk",
        file=f"{SNAPSHOTS}in_place.py",
        old="places = (1 if points else max(1, held)) * (1 + len(copied))",
        new="places = 1 + len(copied)",
        tests=(FOUND,),
    ),
    Mutant(
        name="the copies of a series are not seen",
        file=f"{SNAPSHOTS}in_place.py",
        old="to=copied[0] if copied else None,",
        new="to=None,",
        tests=(FOUND,),
    ),
    Mutant(
        name="a series that lies elsewhere alone is taken for one here",
        file=f"{SNAPSHOTS}in_place.py",
        old="if len(copied) > 1 or (copied and case.vm.region not in found.regions):",
        new="if len(copied) > 1:",
        tests=(FOUND,),
    ),
    Mutant(
        name="loose snapshots are a schedule",
        file=f"{SNAPSHOTS}in_place.py",
        old="return _series(case, found, found.every) if found.observed else None",
        new="return _series(case, found, found.every)",
        tests=(FOUND,),
    ),
    Mutant(
        name="a disk that a disk backup leaves out is held by it",
        file=f"{SNAPSHOTS}in_place.py",
        old="        every=every, redundancy=_redundancy(case), only=_only(case, found),"
        " by=DISK_BACKUP\n",
        new="        every=every, redundancy=_redundancy(case), by=DISK_BACKUP\n",
        tests=(FOUND,),
    ),
    Mutant(
        name="the retention of a disk backup's policy is ignored",
        file=f"{SNAPSHOTS}in_place.py",
        old="return replace(plain, keep=found.policy.retention)",
        new="return plain",
        tests=(FOUND,),
    ),
)
