"""How the disks of an estimate are written on the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.asked import StatedDisk
from advisor.cli.disk_flag import CHOSEN_RATES, DISK_SKUS, parse_disk
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


@pytest.mark.parametrize("sku", CHOSEN_RATES)
@pytest.mark.parametrize(
    ("rates", "iops", "mb_per_s"),
    [
        ("5000iops:200mbps", 5000, 200),
        ("200MB/s:5000IOPS", 5000, 200),
        ("5000 iops", 5000, None),
        ("10000mbps", None, 10_000),
    ],
)
def test_iops_and_mb_per_s_follow_what_is_used_in_any_order(
    sku: str, rates: str, iops: int | None, mb_per_s: int | None
) -> None:
    disk = parse_disk(f"{sku}:1024:400:{rates}")
    assert (disk.used_gib, disk.iops, disk.throughput_mb_per_s) == (400, iops, mb_per_s)
    unsaid = parse_disk(f"{sku}:1024:{rates}")
    assert (unsaid.used_gib, unsaid.iops, unsaid.throughput_mb_per_s) == (None, iops, mb_per_s)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Premium_LRS:128:40:5000iops",
            "“5000iops”. Only PremiumV2_LRS and UltraSSD_LRS take",
        ),
        ("UltraSSD_LRS:8:5000iops:9iops", "The IOPS of the disk are said twice"),
        ("UltraSSD_LRS:8:9mbps:9MB/s", "The MB/s of the disk are said twice"),
        ("UltraSSD_LRS:1024:400:5000", "“5000” is neither IOPS nor MB/s"),
        ("UltraSSD_LRS:1024:400:fast", "“fast” is neither IOPS nor MB/s"),
        ("UltraSSD_LRS:1024:5000iops:400", "“400” is neither IOPS nor MB/s"),
        ("UltraSSD_LRS:1024:0iops", "A disk has 1 to 400000 whole IOPS, not 0."),
        ("UltraSSD_LRS:1024:400001iops", "A disk has 1 to 400000 whole IOPS, not 400001."),
        ("UltraSSD_LRS:1024:1.5mbps", "A disk has 1 to 10000 whole MB/s, not 1.5."),
        ("UltraSSD_LRS:1024::5000iops", "is not a disk"),
    ],
)
def test_wrong_rates_of_a_disk_are_said_in_one_sentence(text: str, said: str) -> None:
    refused = disk_or_refusal(text)
    assert isinstance(refused, str)
    assert said in refused
    assert "\n" not in refused


@given(
    st.one_of(
        st.text(max_size=30),
        st.builds(
            "{}:1024:{}:{}".format,
            st.sampled_from(DISK_SKUS),
            st.sampled_from(["40", "5000iops", "200mbps", "9", "mbps", "٣iops"]),
            st.sampled_from(["5000iops", "200mb/s", "9", "iops", "0iops"]),
        ),
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
