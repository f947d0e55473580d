"""How the disks of an estimate are written on the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.asked import StatedDisk
from advisor.cli.estimate import DISK_SKUS, parse_disk
from advisor.errors import UsageError


def disk_or_refusal(text: str) -> StatedDisk | str:
    try:
        return parse_disk(text)
    except UsageError as refused:
        return str(refused)


@pytest.mark.parametrize("sku", DISK_SKUS)
def test_a_disk_s_kind_is_read_in_any_case(sku: str) -> None:
    disk = parse_disk(f"{sku.upper()}:128:40")
    assert (disk.sku, disk.provisioned_gib, disk.used_gib) == (sku, 128, 40)


@pytest.mark.parametrize(
    "text",
    [
        *("Premium_LRS", "Premium_LRS:0", "Premium_LRS:1.5", "Premium_LRS:99999"),
        *("Premium_LRS:8:9", "Floppy_LRS:1", "Premium_LRS:128:4:4", ":128", "Premium_LRS:"),
    ],
)
def test_what_is_not_a_disk_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_disk(text)


@given(
    st.one_of(
        st.text(max_size=30),
        st.builds(
            "{}:{}:{}".format,
            st.sampled_from(DISK_SKUS),
            st.one_of(st.integers(-5, 99_999), st.text(max_size=6)),
            st.one_of(st.integers(-5, 99_999), st.text(max_size=6)),
        ),
    )
)
def test_whatever_stands_for_a_disk_is_a_disk_or_a_sentence(text: str) -> None:
    disk = disk_or_refusal(text)
    if isinstance(disk, str):
        assert disk.endswith((".", "?"))
    else:
        assert disk.sku in DISK_SKUS
        assert 0 <= (disk.used_gib or 0) <= disk.provisioned_gib
