"""Disks that need no protection: by flag, by the VM's tag, by the disk's own."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.errors import UsageError
from advisor.leave_out import left_out_disks
from advisor.model import Disk, Vm
from tests.strategies import a_disk, a_vm


def disk(name: str, lun: int, **known: Any) -> Disk:
    return a_disk(name, is_os=False, lun=lun, **known)


def machine(*data: Disk, **known: Any) -> Vm:
    return a_vm(a_disk("os"), *(data or (disk("data0", 0), disk("scratch", 3))), **known)


def names(vm: Vm, *luns: int) -> set[str]:
    left_out = left_out_disks(vm, luns)
    return {disk.name for disk in vm.disks if disk.key in left_out}


def test_nothing_is_left_out_unless_somebody_says_so() -> None:
    assert names(machine()) == set()


def test_a_flag_names_a_data_disk_by_its_lun_and_not_by_its_place() -> None:
    assert names(machine(), 3) == {"scratch"}
    assert names(machine(), 0, 3) == {"data0", "scratch"}


@pytest.mark.parametrize("said", ["3", " 3 ", "0,3", "0; 3", "0 3"])
def test_the_tag_of_a_vm_lists_luns(said: str) -> None:
    left_out = names(machine(tags={"VmBackup-Leave-Out": said}))
    assert left_out == ({"data0", "scratch"} if "0" in said else {"scratch"})


@pytest.mark.parametrize(
    ("value", "out"), [("yes", True), ("", True), ("tempdb", True), ("no", False), ("False", False)]
)
def test_on_a_disk_the_tag_is_enough_unless_its_value_says_no(value: str, out: bool) -> None:
    vm = machine(disk("data0", 0), disk("scratch", 3, tags={"vmbackup-leave-out": value}))
    assert names(vm) == ({"scratch"} if out else set())


def test_a_lun_without_a_disk_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"--leave-out names LUN 7; .* Its LUNs: 0, 3\."):
        left_out_disks(machine(), (7,))
    with pytest.raises(UsageError, match=r"The tag vmbackup-leave-out names LUN 9"):
        left_out_disks(machine(tags={"vmbackup-leave-out": "9"}), ())
    with pytest.raises(UsageError, match=r"Its LUNs: none\."):
        left_out_disks(a_vm(a_disk("os")), (0,))


def test_a_tag_of_a_vm_that_lists_no_lun_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(UsageError, match="lists LUNs, like 1 or 1,3"):
        left_out_disks(machine(tags={"vmbackup-leave-out": "tempdb"}), ())
