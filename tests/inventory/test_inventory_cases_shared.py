"""Cases about formats of files, made by others: read where they lie beside the project."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.errors import InputUnreadable
from advisor.inventory.exports import parse_exports
from advisor.inventory.files import guesses, read_files
from advisor.inventory.find import Fleet

HERE = Path(__file__).parents[2]
FOLDER = next(
    (each / "shared/cases" for each in (HERE.parent, HERE.parents[1])
     if (each / "shared/cases/README.md").exists()),
    HERE.parent / "shared/cases",
)  # fmt: skip
NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"there are no cases at {FOLDER}")


def files_of(case: str) -> list[str]:
    return sorted(map(str, (FOLDER / case).iterdir()))


def read(case: str) -> Fleet:
    return parse_exports(read_files(files_of(case), io.BytesIO()), NOW)


def test_a_vm_of_get_azvm_is_read() -> None:
    vm = read("get-azvm").find("web-01").vm
    assert (vm.size, vm.os_type, vm.zones) == ("Standard_D4s_v5", "Linux", ("1",))
    assert [(one.name, one.size_gib) for one in vm.disks] == [
        ("web-01-os", 64),
        ("web-01-data0", 512),
    ]


def test_what_is_in_cp1252_is_read_and_the_guess_is_said_with_the_remedy() -> None:
    texts = read_files(files_of("cp1252"), io.BytesIO())
    assert parse_exports(texts, NOW).find("web-01").vm.tags["kostenstelle"] == "Zürich Büro"
    (said,) = guesses(texts)
    assert "chcp 65001" in said
    assert "PYTHONUTF8=1" in said


@pytest.mark.parametrize(
    ("case", "remedy"),
    [
        ("search-azgraph-depth2", "ConvertTo-Json -Depth 20"),
        ("wrong-format-table", "-o json"),
        ("wrong-format-jsonc", "-o json"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_remedy(case: str, remedy: str) -> None:
    with pytest.raises(InputUnreadable) as caught:
        read(case)
    assert remedy in caught.value.problem


def test_an_instance_of_a_uniform_scale_set_has_its_size_in_its_sku() -> None:
    vm = read("uniform-scale-set-instance").find("vmss_0").vm
    assert (vm.size, vm.scale_set_mode) == ("Standard_D4s_v5", "Uniform")


@pytest.mark.parametrize("case", ["get-azvm", "cp1252", "size-spelling", "no-image-specialised"])
def test_no_vm_is_lost_in_a_case_that_is_read(case: str) -> None:
    assert read(case).vms
