"""Situations of VMs that something protects already, with the right decision."""

from __future__ import annotations

from datetime import timedelta

from advisor.model import Meets, ProtectionState, Retention
from tests.judgement.machines import (
    CRITICAL,
    DAY,
    DEV,
    HOUR,
    PROD,
    Backup,
    Situation,
    data,
    disk_backup,
    replication,
    snapshots,
    vm,
)
from tests.strategies import NOW, a_disk

BACKUP, REPLICA, SNAPSHOTS = "azure-backup", "site-recovery", "snapshots"
OS, DATA = a_disk(), data()
WEEK = Retention(daily=7)

#: What runs and gives what nobody or somebody asked for.
KEPT = (
    Situation(
        name="A backup as the tier would set it up",
        vm=vm(tags=PROD, protections=(Backup().found(),)),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="What is in place is what would be proposed.",
    ),
    Situation(
        name="Ten years of yearly points that nobody stated",
        vm=vm(
            tags=PROD,
            protections=(Backup(keep=Retention(30, 12, 60, 10)).found(),),
        ),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="They are there because some law asked for them: one sentence on what they cost.",
    ),
    Situation(
        name="An Enhanced policy every four hours on a daily need",
        vm=vm(
            tags=PROD,
            protections=(Backup(enhanced=True, every=4 * HOUR, instant_days=7).found(),),
        ),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Better than asked for, and Azure forbids the way back.",
    ),
    Situation(
        name="A locally redundant vault where the region is not stated",
        vm=vm(tags=PROD, protections=(Backup(redundancy="lrs").found(),)),
        action="keep",
        options=(BACKUP,),
        meets=Meets.NO,
        why="It runs; only a region that nobody stated is missing. The ways to it are priced.",
    ),
    Situation(
        name="A vault of another subscription",
        vm=vm(
            tags=PROD,
            protections=(Backup(vault={"id": "/subscriptions/other/v2"}).found(),),
        ),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Supported, and better isolated.",
    ),
    Situation(
        name="Backup and Site Recovery of a mission-critical VM",
        vm=vm(tags=CRITICAL, protections=(Backup(redundancy="lrs").found(), replication())),
        action="keep",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="Together they meet the need.",
    ),
    Situation(
        name="Replication into a region that is not the pair",
        vm=vm(
            tags=CRITICAL,
            protections=(Backup(redundancy="lrs").found(), replication("norwayeast")),
        ),
        action="keep",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="Any region serves; moving would mean replicating anew for nothing.",
    ),
    Situation(
        name="A test failover that was never cleaned up",
        vm=vm(
            tags=CRITICAL,
            protections=(
                Backup(redundancy="lrs").found(),
                replication(drill_left=True, drill_since=NOW - 51 * DAY),
            ),
        ),
        action="keep",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="Replication is healthy; the test VM is billed and blocks the next drill: clean up.",
    ),
    Situation(
        name="Azure Disk Backup of a development VM",
        vm=vm(OS, DATA, tags=DEV, protections=(disk_backup(12 * HOUR, 7 * DAY),)),
        action="keep",
        options=(SNAPSHOTS,),
        meets=Meets.YES,
        why="It meets the tier, and no common moment is enough there.",
    ),
    Situation(
        name="A vault backup of a development VM",
        vm=vm(tags=DEV, protections=(Backup(redundancy="lrs").found(),)),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="More than asked for; on a need that nobody stated nothing is replaced.",
    ),
    Situation(
        name="A deallocated VM with old points labelled crash-consistent",
        vm=vm(tags=PROD, power_state="deallocated", protections=(Backup().found(),)),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Nothing changes while it is off.",
    ),
    Situation(
        name="A shared disk that the backup leaves out, and that needs no protection",
        vm=vm(
            OS,
            data(max_shares=2, tags={"vmbackup-leave-out": "yes"}),
            tags=PROD,
            protections=(
                Backup(
                    enhanced=True,
                    instant_days=7,
                    facts={"selective": True, "left_out": frozenset({data().key})},
                ).found(),
            ),
        ),
        action="keep",
        options=(BACKUP,),
        meets=Meets.YES,
        why="The tag says that the disk is not needed.",
    ),
)

#: What Azure allows to change in place.
ADJUSTED = (
    Situation(
        name="Geo-redundant without cross-region restore",
        vm=vm(tags=PROD, protections=(Backup(redundancy="grs").found(),)),
        action="adjust",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Switch it on: for the whole vault, and never off again.",
    ),
    Situation(
        name="A weekly policy on a daily need",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(
                    every=7 * DAY, keep=Retention(weekly=12), instant_days=5, age=3 * DAY
                ).found(),
            ),
        ),
        action="adjust",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Up to seven days lost instead of one: a daily policy in the same vault.",
    ),
    Situation(
        name="A list of disks that has only the OS disk",
        vm=vm(
            OS,
            DATA,
            tags=PROD,
            protections=(
                Backup(
                    facts={
                        "selective": True,
                        "left_out": frozenset({DATA.key}),
                        "later_disks": False,
                    }
                ).found(),
            ),
        ),
        action="adjust",
        options=(BACKUP,),
        meets=Meets.YES,
        gaps=("data0",),
        why="The data disk has never been in a point: take it in.",
    ),
    Situation(
        name="Crash-consistent points by policy",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(enhanced=True, instant_days=7, policy={"crash_only": True}).found(),
            ),
        ),
        action="adjust",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Another policy asks the agent for file-system consistency.",
    ),
    Situation(
        name="Thirty days of instant restore on a stated need",
        vm=vm(
            a_disk(size_gib=4096),
            protections=(Backup(enhanced=True, redundancy="lrs", instant_days=30).found(),),
        ),
        flags="--survive deletion --rpo 24h --keep daily=30,weekly=12 --used 3000GB --churn 4%",
        action="adjust",
        options=(BACKUP,),
        meets=Meets.YES,
        why="The snapshots cost more than the vault: seven days, in place, by another policy.",
    ),
    Situation(
        name="A vault whose redundancy can still be changed tonight",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(
                    redundancy="lrs",
                    state=ProtectionState.PENDING,
                    age=None,
                    facts={"since": NOW - 3 * HOUR},
                    vault={"has_first_backup": False},
                ).found(),
            ),
        ),
        action="adjust and wait",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Until its first backup a vault changes its redundancy; afterwards never.",
    ),
)

#: What is right and does not run.
MENDED = (
    Situation(
        name="A first backup that is not due yet",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(
                    state=ProtectionState.PENDING, age=None, facts={"since": NOW - 3 * HOUR}
                ).found(),
            ),
        ),
        action="wait",
        options=(BACKUP,),
        meets=Meets.YES,
        why="One interval and a day are not over.",
    ),
    Situation(
        name="A first backup that never came",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(
                    state=ProtectionState.PENDING, age=None, facts={"since": NOW - 9 * DAY}
                ).found(),
            ),
        ),
        action="fix",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Configured nine days ago, and still no point.",
    ),
    *(
        Situation(
            name=f"A backup that {words}",
            vm=vm(tags=PROD, protections=(Backup(state=state, age=age).found(),)),
            action="fix",
            options=(BACKUP,),
            meets=Meets.YES,
            why=why,
        )
        for state, age, words, why in (
            (ProtectionState.ERROR, 5 * DAY, "fails", "The plan is right, the agent is not."),
            (ProtectionState.OVERDUE, 9 * DAY, "is overdue", "It ran, and stopped without a word."),
            (ProtectionState.STOPPED, 40 * DAY, "was stopped", "Resume it: the vault has it yet."),
            (
                ProtectionState.SOFT_DELETED,
                4 * DAY,
                "was deleted and can be undeleted",
                "Undelete and resume while the 14 days run.",
            ),
        )
    ),
    Situation(
        name="Replication three hours behind",
        vm=vm(
            tags=CRITICAL,
            protections=(Backup(redundancy="lrs").found(), replication(rpo=3 * HOUR)),
        ),
        action="fix",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="The pair is right: mend it, and buy nothing.",
    ),
    Situation(
        name="A VM that has failed over",
        vm=vm(
            tags=CRITICAL,
            protections=(
                Backup(redundancy="lrs").found(),
                replication(state=ProtectionState.FAILED_OVER),
            ),
        ),
        action="fix",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="Protect it again from where it runs now.",
    ),
)

#: What takes more, or less, or cannot be told.
CHANGED = (
    Situation(
        name="Three loose snapshots in production",
        vm=vm(tags=PROD, protections=(snapshots(3, 40 * DAY),)),
        action="add",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Three snapshots are no schedule, and nobody can be overdue on them.",
    ),
    Situation(
        name="Site Recovery alone in production",
        vm=vm(tags=PROD, protections=(replication(),)),
        action="add",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="A replica is no backup: add one; the saving not taken is said.",
    ),
    Situation(
        name="A locally redundant vault under a mission-critical VM",
        vm=vm(tags=CRITICAL, protections=(Backup(redundancy="lrs").found(),)),
        action="add",
        options=(BACKUP, REPLICA),
        meets=Meets.YES,
        why="Stated: the region in minutes is missing, and Site Recovery beside it gives it.",
    ),
    Situation(
        name="Replication that a stated need does not ask for",
        vm=vm(protections=(Backup(redundancy="lrs").found(), replication())),
        flags="--survive deletion",
        action="end",
        options=(BACKUP,),
        meets=Meets.YES,
        why="Only deletion is asked for: without the replica it costs much less.",
    ),
    Situation(
        name="A protection whose settings could not be read",
        vm=vm(
            tags=PROD,
            protections=(
                Backup(
                    state=ProtectionState.UNKNOWN,
                    age=None,
                    vault={"redundancy": None},
                    policy={"enhanced": None, "retention": None, "every": None},
                ).found(),
            ),
        ),
        action="cannot-say",
        options=(),
        meets=Meets.NO,
        why="Something is there, and what it gives was not read.",
    ),
    Situation(
        name="An observed series of daily snapshots in development",
        vm=vm(
            tags=DEV,
            protections=(snapshots(7, timedelta(hours=9), every=DAY, observed=True, kept=7 * DAY),),
        ),
        action="keep",
        options=(SNAPSHOTS,),
        meets=Meets.IF,
        why="Somebody's automation takes them: met as long as it goes on.",
    ),
)

SITUATIONS = (*KEPT, *ADJUSTED, *MENDED, *CHANGED)
