"""Disks that need no protection: named by --leave-out, or by the tag of the VM or of the disk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from advisor.errors import UsageError
from advisor.model import Vm

LEAVE_OUT_TAG = "vmbackup-leave-out"

_LUNS = re.compile(r"\s*\d+(\s*[,; ]\s*\d+)*\s*")
_NO = frozenset({"0", "false", "no"})


def left_out_disks(vm: Vm, luns: Iterable[int]) -> frozenset[str]:
    """`Disk.key` of every disk of the VM that somebody said needs no protection.

    A flag and the VM's own tag name data disks by their LUN; on a disk the tag is enough, unless
    its value says no. Raises UsageError for a LUN without a disk and for a tag that names no LUN.
    """
    wanted = [*((lun, "--leave-out") for lun in luns), *_tagged_luns(vm)]
    tagged = [disk.key for disk in vm.disks if disk.tags and _says_yes(_tag(disk.tags))]
    if not wanted:
        return frozenset(tagged)
    by_lun = {disk.lun: disk.key for disk in vm.disks if not disk.is_os and disk.lun is not None}
    for lun, place in wanted:
        if lun not in by_lun:
            there = ", ".join(str(known) for known in sorted(by_lun)) or "none"
            raise UsageError(
                f"{place} names LUN {lun}; {vm.name} has no data disk there. Its LUNs: {there}."
            )
    return frozenset({*(by_lun[lun] for lun, _ in wanted), *tagged})


def _tagged_luns(vm: Vm) -> Iterator[tuple[int, str]]:
    said = _tag(vm.tags)
    if said is None or not said.strip():
        return
    if not _LUNS.fullmatch(said):
        raise UsageError(
            f"The tag {LEAVE_OUT_TAG} of a VM lists LUNs, like 1 or 1,3; {vm.name} has"
            f" “{said[:80]}”."
        )
    for lun in re.findall(r"\d+", said):
        yield int(lun), f"The tag {LEAVE_OUT_TAG}"


def _tag(tags: Mapping[str, str]) -> str | None:
    """The tag's value, whatever case its name is written in."""
    return next((value for name, value in tags.items() if name.lower() == LEAVE_OUT_TAG), None)


def _says_yes(value: str | None) -> bool:
    """A disk's tag counts with any value that does not say no; an empty one is a bare tag."""
    return value is not None and value.strip().lower() not in _NO
