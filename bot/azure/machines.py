"""The verbs of a restore that change a VM: stop it, change its disks, start it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.azure.arm_ids import name_of, same_id
from bot.azure.connection import AzureActs
from bot.azure.operations import Operation
from bot.azure.ownership import properties
from bot.azure.refusals import RefusedForGood
from bot.azure.standing import ABSENT, COMING, THERE, LookResult, failed, foreign
from bot.azure.verb import expected, sent, unless_reached
from bot.requests.model import Step

_GONE = "The VM is not there any more."
_OTHER_VM = "This is another VM of the same name than the one that was planned for."
#: Of the OS disk's place in the VM, what a swap sends again.
_KEPT_OF_OS_DISK = ("createOption", "caching")
#: Provisioning states in which Azure is not changing the VM.
_AT_REST = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True)
class Power:
    """`deallocate` and `start-vm`: an action of the VM and the power state that it leads to."""

    name: str
    action: Literal["start", "deallocate"]
    wanted: str
    transition: str  #: the power state while Azure carries out the action

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """Reads the power state in the VM's instance view, once Azure is not changing the VM."""
        vm = await azure.get(step.target_id, expand="instanceView")
        if vm is None:
            return failed(_GONE)
        if _is_another(vm, step):
            return foreign(_OTHER_VM, vm)
        state = _power_state(vm)
        if not _is_at_rest(vm) or state == self.transition:
            return COMING._replace(resource=vm)
        return (THERE if state == self.wanted else ABSENT)._replace(resource=vm)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends one POST; the same POST again changes nothing."""
        return await azure.power(step.target_id, self.action)


class SwapOsDisk:
    """`swap-os-disk`: the VM boots from the new disk; its former OS disk is kept, unattached."""

    name = "swap-os-disk"

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """ABSENT only while the VM still has the OS disk that the plan replaces."""
        vm = await azure.get(step.target_id)
        if vm is None:
            return failed(_GONE)
        if _is_another(vm, step):
            return foreign(_OTHER_VM, vm)
        in_place = _disk_id(_storage(vm).get("osDisk") or {})
        if same_id(in_place, sent(step)["disk_id"]):
            return (THERE if _is_at_rest(vm) else COMING)._replace(resource=vm)
        if same_id(in_place, expected(step)["disk_id"]):
            return (ABSENT if _is_at_rest(vm) else COMING)._replace(resource=vm)
        return foreign("The VM's OS disk is neither the one that was planned nor the new one.", vm)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends one PATCH, with the disk's place in the VM as it is; what it does not name stays.

        Azure refuses an OS disk without createOption, and caching that is not named is its default.
        """
        vm = await azure.get(step.target_id)
        if vm is None:
            raise RefusedForGood(_GONE)
        in_place, disk_id = _storage(vm).get("osDisk") or {}, sent(step)["disk_id"]
        kept = {name: in_place[name] for name in _KEPT_OF_OS_DISK if in_place.get(name)}
        os_disk = {"name": name_of(disk_id), "managedDisk": {"id": disk_id}, **kept}
        return await azure.patch(
            step.target_id, {"properties": {"storageProfile": {"osDisk": os_disk}}}
        )


@dataclass(frozen=True)
class DataDisk:
    """`attach-disk` and `detach-disk`: one data disk is attached to a VM or detached."""

    name: str
    attaches: bool

    async def look(self, azure: AzureActs, step: Step) -> LookResult:
        """Reads the data disks that the VM lists, once Azure is not changing the VM."""
        vm = await azure.get(step.target_id)
        if vm is None:
            return failed(_GONE) if self.attaches else THERE
        if _is_another(vm, step):
            return foreign(_OTHER_VM, vm) if self.attaches else THERE
        is_on = any(same_id(_disk_id(disk), sent(step)["disk_id"]) for disk in _data_disks(vm))
        if not _is_at_rest(vm):
            return COMING._replace(resource=vm)
        return (THERE if is_on is self.attaches else ABSENT)._replace(resource=vm)

    async def do(self, azure: AzureActs, step: Step) -> Operation | None:
        """Sends one POST; Azure refuses a LUN that another disk has by now."""
        key, disk = "dataDisksToDetach", {"diskId": sent(step)["disk_id"]}
        if self.attaches:
            key, disk = "dataDisksToAttach", disk | {"lun": sent(step)["lun"]}
        return await unless_reached(
            self,
            azure,
            step,
            lambda: azure.change_data_disks(step.target_id, {key: [disk]}),
        )


def _is_another(vm: Mapping[str, Any], step: Step) -> bool:
    shown = str(properties(vm).get("vmId") or "")
    return shown.lower() != str(expected(step)["vm_uuid"]).lower()


def _is_at_rest(vm: Mapping[str, Any]) -> bool:
    return str(properties(vm).get("provisioningState") or "succeeded").lower() in _AT_REST


def _power_state(vm: Mapping[str, Any]) -> str:
    """running, starting, deallocated, ...; empty where the view says nothing."""
    view = properties(vm).get("instanceView") or {}
    codes = (str(one.get("code") or "").lower() for one in view.get("statuses") or ())
    return next((code.partition("/")[2] for code in codes if code.startswith("powerstate/")), "")


def _storage(vm: Mapping[str, Any]) -> Mapping[str, Any]:
    return properties(vm).get("storageProfile") or {}


def _data_disks(vm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _storage(vm).get("dataDisks") or ()


def _disk_id(disk: Mapping[str, Any]) -> str:
    return str((disk.get("managedDisk") or {}).get("id") or "")
