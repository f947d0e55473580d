"""How a VM is protected now, in a state and a phrase: the first thing that is read of an advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from advisor.model import (
    Coverage,
    Event,
    Gap,
    InPlace,
    KnownVm,
    Monthly,
    Protection,
    ProtectionKind,
    ProtectionNow,
    ProtectionState,
    StateNow,
)
from advisor.recommend.assess import Judge, Judged
from advisor.recommend.in_place import (
    ago,
    points_not_read,
    protection_words,
    unprotected,
    vaults_read,
)
from advisor.recommend.standing import OF_KIND, Health, Standing
from advisor.words import brief_money, counted, duration, listed

_LOST = {
    Event.DELETION: "deletion",
    Event.ZONE: "loss of the zone",
    Event.REGION: "loss of the region",
}
NOTHING_READ = "what protects it was not read"

#: Why a protection that makes no points, or too old ones, is broken or ended.
_WHY = {
    ProtectionState.ERROR: "fails",
    ProtectionState.OVERDUE: "is overdue",
    ProtectionState.FAILED_OVER: "has failed over and replicates nothing",
    ProtectionState.PENDING: "is configured, its first point is overdue",
    ProtectionState.ACTIVE: "is behind",
    ProtectionState.STOPPED: "is stopped, its old points are kept",
    ProtectionState.SOFT_DELETED: "is deleted and can still be undeleted",
}


def protection_now(
    found: Sequence[InPlace],
    standings: Sequence[Standing],
    known: KnownVm,
    judge: Judge,
    today: Monthly | None,
) -> ProtectionNow:
    """The state of the VM. What was not read is unknown, and never unprotected.

    `found` and `standings` are of the same protections, in the same order; `today` is what all of
    it costs a month.
    """
    of_vm = [each for each in standings if each.found.kind is not ProtectionKind.DATABASE_BACKUP]
    if not of_vm:
        return _nothing_of_vm(standings, known)
    ages = {id(each.protection): each.age for each in found}
    by_health = {health: [each for each in of_vm if _health(each) is health] for health in Health}
    runs, broken = by_health[Health.RUNS], by_health[Health.BROKEN]
    if broken:
        said = [_why(each, ages.get(id(each.found))) for each in broken]
        said += [f"{_names(runs)} {'runs' if len(runs) == 1 else 'run'}"] if runs else []
        return ProtectionNow(StateNow.BROKEN, "; ".join(said))
    if runs:
        return _running(runs, by_health[Health.WAITS], ages, judge, today)
    for health, state in (
        (Health.WAITS, StateNow.SETTING_UP),
        (Health.UNREADABLE, StateNow.UNKNOWN),
    ):
        if by_health[health]:
            said = [_why(each, ages.get(id(each.found))) for each in by_health[health]]
            return ProtectionNow(state, "; ".join(said))
    ended = [_why(each, ages.get(id(each.found))) for each in by_health[Health.ENDED]]
    return _nothing_runs("; ".join(ended) or _names(of_vm), known.coverage)


def _nothing_runs(words: str, coverage: Coverage) -> ProtectionNow:
    """Unprotected only where all was read in which something else might run."""
    unread = points_not_read(coverage)
    if not vaults_read(coverage):
        return ProtectionNow(StateNow.UNKNOWN, f"{words}; not every vault was read")
    if unread:
        return ProtectionNow(StateNow.UNKNOWN, f"{words}; its {listed(unread)} were not read")
    return ProtectionNow(StateNow.UNPROTECTED, words)


#: What a state says of a protection of which too little was read to judge it.
_BY_STATE = {
    ProtectionState.ERROR: Health.BROKEN,
    ProtectionState.OVERDUE: Health.BROKEN,
    ProtectionState.FAILED_OVER: Health.BROKEN,
    ProtectionState.PENDING: Health.WAITS,
    ProtectionState.STOPPED: Health.ENDED,
    ProtectionState.SOFT_DELETED: Health.ENDED,
}


def _health(each: Standing) -> Health:
    unreadable = each.health is Health.UNREADABLE
    return _BY_STATE.get(each.found.state, each.health) if unreadable else each.health


def _nothing_of_vm(databases: Sequence[Standing], known: KnownVm) -> ProtectionNow:
    if databases:
        names = [name for each in databases for name in each.found.databases]
        which = f"the {'databases' if len(names) > 1 else 'database'} {listed(names)}"
        beside = "" if vaults_read(known.coverage) else ", what protects the VM was not read"
        return ProtectionNow(
            StateNow.PARTLY,
            f"{which if names else 'its databases'} {'is' if len(names) == 1 else 'are'} backed"
            f" up{beside or ', the VM is not'}",
        )
    coverage = known.coverage
    if vaults_read(coverage):
        unread = points_not_read(coverage)
        words = f"in no vault; its {listed(unread)} were not read" if unread else ""
        return ProtectionNow(StateNow.UNKNOWN if unread else StateNow.UNPROTECTED, words)
    said = unprotected(known)
    if said.startswith("not in vault"):
        return ProtectionNow(StateNow.UNKNOWN, f"{said}; the other vaults were not read")
    return ProtectionNow(StateNow.UNKNOWN, NOTHING_READ)


def _running(
    runs: Sequence[Standing],
    waits: Sequence[Standing],
    ages: dict[int, timedelta | None],
    judge: Judge,
    today: Monthly | None,
) -> ProtectionNow:
    judged = judge.together([each.today.proposal for each in runs if each.today])
    lacking = list(_lacking(judged, judge))
    said = [", ".join(_facts(runs, ages, None if lacking else today))]
    said += [f"{_names(waits)} has no point yet"] if waits else []
    state = StateNow.PARTLY if lacking else StateNow.PROTECTED
    return ProtectionNow(state, "; ".join((*lacking[:1], *said)))


def _facts(
    runs: Sequence[Standing], ages: dict[int, timedelta | None], today: Monthly | None
) -> Iterator[str]:
    """`Azure Backup`, `last point 5 h ago`, `44 USD a month`."""
    yield _names(runs)
    known = [age for each in runs if (age := ages.get(id(each.found))) is not None]
    if known:
        yield f"last point {ago(min(known))}"
    if today is not None and today.likely is not None:
        yield f"{brief_money(today.likely, today.currency)} a month"


def _lacking(judged: Judged, judge: Judge) -> Iterator[str]:
    """The disks that are in no point, then what is asked for and not covered at all, or not as
    well as asked: `RPO 12 h instead of 4 h (deletion)`.
    """
    if judged.gaps:
        yield _gaps(judged.gaps, judge)
    lost = [event for event in judge.asked if judged.recovery[event] is None]
    if lost:
        yield f"{listed(_LOST[event] for event in lost)} not covered"
    for text in judged.unmet:
        event, _, lacking = text.partition(": ")
        yield f"{lacking.split(', ')[0]} ({event})"


def _gaps(gaps: Sequence[Gap], judge: Judge) -> str:
    """`fci-quorum-data (512 of 640 GB) is in no point`."""
    sizes = [gap.size_gib for gap in gaps]
    lost = sum(size for size in sizes if size is not None)
    every = [disk.size_gib for disk in judge.disks]
    whole = sum(size for size in every if size is not None)
    known = None not in sizes and None not in every
    of = f" ({lost:,} of {whole:,} GB)" if known else ""
    if len(gaps) == 1:
        return f"{gaps[0].disk}{of} is in no point"
    return f"{counted(len(gaps), 'disk')}{of} are in no point"


def _why(each: Standing, age: timedelta | None) -> str:
    """`Azure Backup fails, last point 5 days ago`."""
    found, name = each.found, _name(each.found)
    if _health(each) is Health.WAITS:
        return f"{name} has no point yet"
    if _health(each) is Health.UNREADABLE:
        return f"{name} was found, what it keeps was not read"
    behind = f" by {duration(found.rpo)}" if found.rpo and _is_behind(found.state) else ""
    point = f", last point {ago(age)}" if age is not None else ""
    return f"{name} {_WHY[found.state]}{behind}{point}"


def _is_behind(state: ProtectionState) -> bool:
    return state is ProtectionState.ACTIVE


def _names(standings: Sequence[Standing]) -> str:
    return listed(dict.fromkeys(_name(each.found) for each in standings))


def _name(found: Protection) -> str:
    """By the option's name, where that says enough."""
    known = OF_KIND.get(found.kind)
    return known[0].title if known and not known[0].plural else protection_words(found)
