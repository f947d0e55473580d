"""Azure: the sign-in, and what it may do at each scope, asked of Azure and never tried."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from advisor.azure.access import lacking
from advisor.azure.permissions import FINDS, READS
from advisor.errors import AzureRefused, AzureUnreachable
from advisor.regions import REGIONS
from advisor.words import counted, listed
from bot.azure.azure_roles import AzureRole
from bot.doctor.finding import CheckAnswer, Diagnosis, no, unknown, yes
from bot.doctor.surroundings import Surroundings
from bot.requests.approval.rules import RESTORE

_METRICS, _COSTS, _JOBS = "metrics of disks and VMs", "costs", "jobs of vaults"
#: Asked for by nobody who names no workspace.
_GUEST = "figures of VM insights"
_OPTIONAL = (_METRICS, _COSTS, _JOBS, _GUEST)
_NAMED_AT_MOST = 5
#: A deployment has as many; beyond it the first ones stand for the others, which is said.
_GROUPS_AT_MOST = 50


async def sign_in(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether Azure knows the sign-in and shows it a subscription."""
    try:
        found = await around.azure.subscriptions()
    except (AzureRefused, AzureUnreachable) as error:
        to_do = "Sign in with az login, or give the bot a managed identity (deploy/README.md)."
        return no(str(error), to_do)
    if around.azure.last_date is not None:
        theirs = around.azure.last_date.timestamp()
        around.clock_differences_seconds["Azure"] = time.time() - theirs
    if not found:
        to_do = "Give the identity a role at a subscription: `vmbackup roles advisor`."
        return no("Azure knows it and shows it no subscription.", to_do)
    return yes(f"Azure shows it {counted(len(found), 'subscription', 'subscriptions')}.")


async def reading(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether all that an advice reads may be read, scope by scope."""
    needed = [*FINDS, *(one for name, of in READS.items() if name not in _OPTIONAL for one in of)]
    return await _at_reading_scopes(around, needed, "vmbackup roles advisor")


async def metrics(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether Azure Monitor may be asked, which narrows the changed data."""
    return await _at_reading_scopes(around, READS[_METRICS], "or give Monitoring Reader")


async def jobs(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the jobs of vaults may be read, which say how long restores took."""
    return await _at_reading_scopes(around, READS[_JOBS], "or give Reader")


async def costs(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether Cost Management may be asked, which says what is paid today."""
    return await _at_reading_scopes(around, READS[_COSTS], "or give Cost Management Reader")


async def snapshots(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether snapshots can be taken and deleted in the resource groups of the rules."""
    if (early := _nothing_to_do(around)) is not None:
        return early
    return await _operating(around, _role(around, "snapshot-operator"))


async def restores(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether restores can be done, where the settings let anybody request one."""
    if (early := _nothing_to_do(around)) is not None:
        return early
    if around.rules is None or RESTORE.table not in around.rules.may:
        return yes("The settings let nobody request a restore.")
    return await _operating(around, _role(around, "restore-operator"))


async def region(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the bot runs elsewhere than the VMs whose region may be lost."""
    here = around.settings.region.strip().lower().replace(" ", "")
    if not here:
        to_do = "Set VMBACKUP_REGION to the Azure region in which the bot and its database run."
        return unknown("VMBACKUP_REGION does not say where the bot runs.", to_do)
    if here not in REGIONS:
        to_do = "Write it as Azure does, such as westeurope; a newer region is compared by nobody."
        return unknown(f"VMBACKUP_REGION is no region that is known here: {here[:40]}.", to_do)
    try:
        used = {place.region for place in await around.azure.vm_places()}
    except (AzureRefused, AzureUnreachable) as error:
        return unknown(str(error))
    if here not in used:
        return yes(f"It runs in {here}, where none of its VMs is.")
    others = listed(sorted(used - {here}), "and")
    to_do = "Run it, and a copy of its database, in a region that is not lost with those VMs."
    tail = f"; other VMs are in {others}" if others else ""
    return no(f"It runs in {here}, where VMs are that it protects{tail}.", to_do)


def _nothing_to_do(around: Surroundings) -> Sequence[CheckAnswer] | None:
    if around.rules is None:
        return unknown(f"The settings file cannot be read: {around.rules_problem}")
    if not around.rules.rules or not around.rules.may:
        return yes("The settings let nobody request anything.")
    return None


def _role(around: Surroundings, name: str) -> AzureRole:
    return next(role for role in around.roles if role.name == name)


# --- scope by scope --------------------------------------------------------------------------


async def _at_reading_scopes(
    around: Surroundings, actions: Sequence[str], remedy: str
) -> Sequence[CheckAnswer]:
    """One finding for each subscription and management group that the bot reads."""
    named = around.settings
    scopes = [f"/subscriptions/{each}" for each in named.subscriptions]
    groups = "/providers/Microsoft.Management/managementGroups"
    scopes += [f"{groups}/{each}" for each in named.management_groups]
    if not scopes:
        try:
            scopes = [f"/subscriptions/{each}" for each in await around.azure.subscriptions()]
        except (AzureRefused, AzureUnreachable) as error:
            return unknown(str(error))
    if not scopes:
        return unknown("Azure shows the sign-in no subscription.")
    return [await _at(around, scope, actions, remedy) for scope in scopes]


async def _at(around: Surroundings, scope: str, actions: Sequence[str], remedy: str) -> CheckAnswer:
    try:
        lacks = lacking(await around.azure.permissions(scope), actions)
    except (AzureRefused, AzureUnreachable) as error:
        return CheckAnswer(Diagnosis.UNKNOWN, str(error))
    if lacks:
        to_do = f"Assign the role there ({remedy}), and wait some minutes for Azure."
        return CheckAnswer(Diagnosis.NO, f"At {scope} it may not: {_named(lacks)}.", to_do, lacks)
    return CheckAnswer(Diagnosis.YES, f"All of it may be done at {scope}.")


async def _operating(around: Surroundings, role: AzureRole) -> Sequence[CheckAnswer]:
    """A whole subscription in one finding where it is granted there, else group by group."""
    try:
        wanted = await _group_ids(around)
    except (AzureRefused, AzureUnreachable) as error:
        return unknown(str(error))
    if not wanted:
        return unknown("No resource group of the rules has a VM that can be seen.")
    remedy = f"vmbackup roles {role.name}"
    found: list[CheckAnswer] = []
    for subscription, groups in wanted.items():
        whole = await _at(around, subscription, role.actions, remedy)
        if whole.answer is not Diagnosis.NO:
            found.append(whole)
            continue
        found += _folded([(each, await _at(around, each, role.actions, remedy)) for each in groups])
    return found


def _folded(by_group: Sequence[tuple[str, CheckAnswer]]) -> Iterator[CheckAnswer]:
    """One finding for all groups of a subscription that lack the same."""
    alike: dict[tuple[Diagnosis, tuple[str, ...]], list[tuple[str, CheckAnswer]]] = {}
    for group_id, finding in by_group:
        alike.setdefault((finding.answer, finding.missing), []).append((group_id, finding))
    for (answer, missing), several in alike.items():
        _, first = several[0]
        if len(several) == 1 or answer is Diagnosis.UNKNOWN:
            yield first
            continue
        names = [group_id.rpartition("/")[2] for group_id, _ in several]
        where = f"{several[0][0].rpartition('/')[0]}: {_named(names)}"
        if answer is Diagnosis.YES:
            yield CheckAnswer(answer, f"All of it may be done in {where}.")
        else:
            yield CheckAnswer(
                answer, f"It may not do {_named(missing)} in {where}.", first.to_do, missing
            )


async def _group_ids(around: Surroundings) -> Mapping[str, Sequence[str]]:
    """The groups with VMs that a rule holds for, by subscription: so many at most."""
    assert around.rules is not None
    rules = around.rules.rules
    found: dict[str, list[str]] = {}
    for place in sorted({one._replace(region="") for one in await around.azure.vm_places()}):
        holds = any(
            _is_among(place.subscription_id, rule.subscriptions)
            and _is_among(place.resource_group, rule.resource_groups)
            for rule in rules
        )
        if holds and sum(map(len, found.values())) < _GROUPS_AT_MOST:
            found.setdefault(f"/subscriptions/{place.subscription_id}", []).append(place.group_id)
    return found


def _is_among(name: str, named: Iterable[str]) -> bool:
    names = tuple(named)
    return not names or name.lower() in names


def _named(actions: Sequence[str]) -> str:
    more = len(actions) - _NAMED_AT_MOST
    shown = ", ".join(actions[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown
