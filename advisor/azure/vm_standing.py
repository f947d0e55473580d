"""What became of VMs that are not listed any more: gone, not to be read, or there after all.

Resource Graph shows only what the caller may read (governance/resource-graph/overview,
2025-04-30): where a role assignment on one resource group is taken away, its VMs vanish from every
list as those that are deleted do. Azure Resource Manager tells the two apart. It judges access
before it looks, so that of a group whose role went with it the answer is 403, too: unknown.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote

from advisor.azure.arm_reader import ArmReader
from advisor.azure.connection import AzureConnection
from advisor.azure.permissions import FINDS, read_of
from advisor.errors import AzureRefused, AzureUnreachable
from advisor.inventory.arm import VM_TYPE, split_id

#: GETs of one reading: below the 250 reads that a subscription's bucket holds for one caller
#: (azure-resource-manager/management/request-limits-and-throttling, 2025). Ours.
MOST_ASKED = 200
#: After so many questions without an answer no other one is asked in this reading. Ours.
MOST_FAILED = 3
#: As Resource Graph is waited for: so long at most, and in all of a reading for so long. Ours.
_LONGEST_WAIT_SECONDS, _LONGEST_WAITS_SECONDS = 30.0, 120.0
_WAIT_UNNAMED_SECONDS = 5.0
#: resources/resource-groups/get, 2021-04-01; compute/virtual-machines/get, 2024-07-01.
_GROUP_VERSION, _VM_VERSION = "2021-04-01", "2024-07-01"
_READ_GROUPS, _READ_VMS = FINDS[1], read_of(VM_TYPE)
#: azure-resource-manager/troubleshooting/common-deployment-errors, 2025: what is not there. A 404
#: of any other code is not Azure Resource Manager's word that it is gone.
_NOT_FOUND = frozenset({"ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound"})
#: Also of DenyAssignmentAuthorizationFailed (role-based-access-control/deny-assignments, 2025).
_NOT_ALLOWED = "AuthorizationFailed"


class VmIs(StrEnum):
    """Yes, no and unknown, of whether a VM that is not listed is there."""

    THERE = "there"  #: Azure showed it: Resource Graph lags behind
    GONE = "gone"  #: Azure knows it no more, or its resource group
    UNREADABLE = "unreadable"  #: it may not be read: nobody knows whether it is there
    FAILED = "failed"  #: the question failed, and may be asked again
    NOT_ASKED = "not asked"  #: others were asked about, as many as are in one reading


class VmStanding(NamedTuple):
    """How it stands, and why, as a clause. Its id is lower-cased."""

    vm_id: str
    standing: VmIs
    why: str


async def vm_standings(
    connection: AzureConnection, vm_ids: Iterable[str], listed: Collection[str], tries: int
) -> list[VmStanding]:
    """Asks Azure, group by group and then VM by VM where the group does not settle it.

    `vm_ids`: full ARM ids. `listed`: lower-cased ids of VMs that are listed, whose groups need no
    question. `tries`: of each question where it is asked too often. Raises nothing of Azure's.
    """
    wanted = sorted({each.lower() for each in vm_ids})
    of_group: dict[str, list[str]] = defaultdict(list)
    for vm_id in wanted:
        of_group[group_of(vm_id)].append(vm_id)
    try:
        await connection.sign_in()
    except (AzureRefused, AzureUnreachable) as error:
        return _all(VmIs.FAILED, error.reason, wanted)
    asking, found = _Asking(ArmReader(connection), tries), list[VmStanding]()
    left = dict(of_group)
    for group in sorted(of_group.keys() - {group_of(each.lower()) for each in listed}):
        standing, why = await asking.group(group)
        if standing is not VmIs.THERE:
            found += _all(standing, why, left.pop(group))
    for vm_id in (each for of_one in left.values() for each in of_one):
        found += _all(*await asking.vm(vm_id), [vm_id])
    return found


def group_of(vm_id: str) -> str:
    """The id of its resource group, spelt as the VM's; empty where its own is none."""
    parts = split_id(vm_id)
    if parts is None:
        return ""
    return f"/subscriptions/{parts.subscription}/resourcegroups/{parts.resource_group}"


def _all(standing: VmIs, why: str, vm_ids: Sequence[str]) -> list[VmStanding]:
    return [VmStanding(each, standing, why.rstrip(".")) for each in vm_ids]


_Said = tuple[VmIs, str]


class _Asking:
    """The questions of one reading, one after the other, within its bounds."""

    def __init__(self, reader: ArmReader, tries: int) -> None:
        self._reader, self._tries = reader, tries
        self._asked, self._failed, self._waited = 0, 0, 0.0
        self._last_failure = ""

    async def group(self, group_id: str) -> _Said:
        what = "a resource group of VMs that are not listed"
        gone = "Azure knows its resource group no more"
        return await self._said(group_id, _GROUP_VERSION, what, _READ_GROUPS, gone)

    async def vm(self, vm_id: str) -> _Said:
        what, gone = "a VM that is not listed", "Azure was asked for it, and knows it no more"
        return await self._said(vm_id, _VM_VERSION, what, _READ_VMS, gone)

    async def _said(self, path: str, version: str, what: str, permission: str, gone: str) -> _Said:
        if self._failed >= MOST_FAILED:
            return VmIs.FAILED, self._last_failure
        if self._asked >= MOST_ASKED:
            return VmIs.NOT_ASKED, f"no more than {MOST_ASKED} questions are asked in one reading"
        self._asked += 1
        try:
            await self._patiently(lambda: self._reader.one(quote(path), version, what, permission))
        except (AzureRefused, AzureUnreachable) as error:
            standing = _of_error(error)
            if standing is VmIs.FAILED:
                self._failed, self._last_failure = self._failed + 1, error.reason
            return standing, gone if standing is VmIs.GONE else error.reason
        return VmIs.THERE, "Azure shows it"

    async def _patiently(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Asked for again where it was asked too often, after the wait that the answer names."""
        for left in reversed(range(self._tries)):
            try:
                await ask()
                return
            except AzureRefused as error:
                if _head(error)[0] != "429":
                    raise
                named = error.retry_after_seconds
                wait = _WAIT_UNNAMED_SECONDS if named is None else named
                is_long = wait > _LONGEST_WAIT_SECONDS
                if not left or is_long or self._waited + wait > _LONGEST_WAITS_SECONDS:
                    self._failed = MOST_FAILED  # every other question would meet the same limit
                    raise
            self._waited += wait
            await asyncio.sleep(wait)


def _of_error(error: AzureRefused | AzureUnreachable) -> VmIs:
    if not isinstance(error, AzureRefused):
        return VmIs.FAILED
    status, code = _head(error)
    if status == "404" and code in _NOT_FOUND:
        return VmIs.GONE
    if status == "403" and code.endswith(_NOT_ALLOWED):
        return VmIs.UNREADABLE
    return VmIs.FAILED


def _head(error: AzureRefused) -> tuple[str, str]:
    """Status and code of `404 ResourceNotFound: …`; the code is empty where there is none."""
    status, _, code = error.reason.partition(":")[0].rstrip(".").partition(" ")
    return status, code
