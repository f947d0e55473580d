"""What a size's name says, in whatever case it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.options.vm_size import Controller, architecture, controller, vm_size
from tests.strategies import a_disk, a_vm

SIZES = (
    # name, cores of the guest, cores before the dash, premium storage, ARM, Azure Boost
    ("Standard_B1s", 1, 1, True, False, False),
    ("Standard_B2ats_v2", 2, 2, True, False, False),
    ("Standard_B16pls_v2", 16, 16, True, True, False),
    ("Standard_D4s_v5", 4, 4, True, False, False),
    ("Standard_D4ads_v6", 4, 4, True, False, False),
    ("Standard_D4ads_v7", 4, 4, True, False, True),
    ("Standard_D4ds_v6", 4, 4, True, False, True),
    ("Standard_D2plds_v6", 2, 2, True, True, True),
    ("Standard_D2ns_v6", 2, 2, True, False, True),
    ("Standard_D3_v2", 4, 4, False, False, False),
    ("Standard_D15_v2", 20, 20, False, False, False),
    ("Standard_D4_v3", 4, 4, False, False, False),
    ("Standard_D2_v2_Promo", 2, 2, False, False, False),
    ("Standard_DS11-1_v2", 1, 2, True, False, False),
    ("Standard_DS14", 16, 16, True, False, False),
    ("Standard_GS4-8", 8, 16, True, False, False),
    ("Standard_G5", 32, 32, False, False, False),
    ("Basic_A4", 8, 8, False, False, False),
    ("Standard_A5", 2, 2, False, False, False),
    ("Standard_A2m_v2", 2, 2, False, False, False),
    ("Standard_E64-16s_v3", 16, 64, True, False, False),
    ("Standard_E112ibds_v5", 112, 112, True, False, False),
    ("Standard_M48s_1_v3", 48, 48, True, False, False),
    ("Standard_M416s_8_v2", 416, 416, True, False, False),
    ("Standard_M832ids_16_v3", 832, 832, True, False, False),
    ("Standard_M128-32ms", 32, 128, True, False, False),
    ("Standard_DC4as_cc_v5", 4, 4, True, False, False),
    ("Standard_DC2es_v5", 2, 2, True, False, False),
    ("Standard_NC8as_T4_v3", 8, 8, True, False, False),
    ("Standard_NV36adms_A10_v5", 36, 36, True, False, False),
    ("Standard_ND96isr_MI300X_v5", 96, 96, True, False, False),
    ("Standard_ND128isr_NDR_GB200_v6", 128, 128, True, False, True),
    ("Standard_HB120-16rs_v3", 16, 120, True, False, False),
    ("Standard_L8aos_v4", 8, 8, True, False, False),
    ("Standard_FX12mds", 12, 12, True, False, False),
)


@pytest.mark.parametrize(("name", "cores", "full", "premium", "arm", "boost"), SIZES)
def test_a_size_says_what_its_name_says(
    name: str, cores: int, full: int, premium: bool, arm: bool, boost: bool
) -> None:
    size = vm_size(name)
    assert size is not None
    assert (size.cores, size.full_cores) == (cores, full)
    assert (size.premium_storage, size.arm, size.boost) == (premium, arm, boost)


@given(st.sampled_from([row[0] for row in SIZES]), st.data())
def test_a_size_is_the_same_in_any_case(name: str, data: st.DataObject) -> None:
    flips = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    typed = "".join(
        letter.swapcase() if flip else letter for letter, flip in zip(name, flips, strict=True)
    )
    size = vm_size(typed)
    assert size == vm_size(name)
    assert size is not None
    assert size.name == name


@pytest.mark.parametrize(
    "name",
    [
        None, "", "Standard_", "Standard_Dx_v5", "D4s_v5", "Standard_D4s_v5_extra",
        "Standard_D4zs_v5", "Standard_D4ss_v5", "Standard_NC8as_T5000_v3", "Standard_D6_v2",
        "Standard_A12", "Standard_G6", "Standard_M48s_17_v3", "Standard_M48s_0_v3", "medium",
    ],
)  # fmt: skip
def test_a_name_with_a_part_that_is_not_known_is_not_known(name: str | None) -> None:
    assert vm_size(name) is None


@pytest.mark.parametrize(
    ("size", "said", "found"),
    [
        ("Standard_D4s_v5", None, Controller.SCSI),
        ("Standard_F8s_v2", None, Controller.SCSI),
        ("standard_d4s_v6", None, Controller.LIKELY_NVME),
        ("Standard_E4ads_v7", None, Controller.LIKELY_NVME),
        ("Standard_E4bds_v5", None, Controller.UNKNOWN),
        ("Standard_L8s_v4", None, Controller.UNKNOWN),
        ("Standard_L8s_v3", None, Controller.SCSI),
        ("Standard_M12s_v3", None, Controller.UNKNOWN),
        ("Standard_D4s_v6", "SCSI", Controller.SCSI),
        ("Standard_D4s_v5", "NVMe", Controller.NVME),
        ("Standard_D4s_v5", "nvme", Controller.NVME),
        ("a size of its own", None, Controller.UNKNOWN),
    ],
)
def test_what_the_disks_hang_on_is_said_by_the_vm_and_else_by_its_size(
    size: str, said: str | None, found: Controller
) -> None:
    assert controller(a_vm(size=size, disk_controller=said)) is found


def test_the_processor_is_the_vms_then_the_os_disks_then_the_sizes() -> None:
    arm = a_disk(architecture="Arm64")
    assert architecture(a_vm(size="Standard_D4s_v5")) == "x64"
    assert architecture(a_vm(size="Standard_D4ps_v5")) == "Arm64"
    assert architecture(a_vm(arm, size="odd")) == "Arm64"
    assert architecture(a_vm(arm, size="odd", architecture="x64")) == "x64"
    assert architecture(a_vm(size="odd")) is None
    assert architecture(a_vm(a_disk(), a_disk("data", architecture="Arm64"), size="odd")) is None
