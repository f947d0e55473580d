"""`vmbackup fleet` as a process of its own: its forms, its exit codes, its sentences."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from advisor.inventory.big_files import CUT_FROM_BYTES
from tests.cli.test_cli_process import SAMPLE, vmbackup

FILE = ("--inventory", str(SAMPLE))


def test_the_fleet_of_a_file_is_told_the_worst_first(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--group-by", "region", cwd=tmp_path)
    out = ran.stdout.decode()
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert out.splitlines()[0].endswith("VMs")
    assert out.index("Protection costs") < out.index("Prices as of")
    assert "westeurope" in out


def test_a_file_too_large_to_be_read_at_once_says_what_the_same_one_says_when_it_is(
    tmp_path: Path,
) -> None:
    """Standard input is read at once; the file of the same bytes is read in parts, by all cores."""
    rows = json.loads(SAMPLE.read_text(encoding="utf-8"))
    rows = rows["resources"] if isinstance(rows, dict) else rows
    for row in rows:
        row["padding"] = "x" * (CUT_FROM_BYTES // len(rows))
    whole = json.dumps(rows)
    (tmp_path / "large.json").write_text(whole, encoding="utf-8")
    at_once = vmbackup("fleet", "--inventory", "-", "--json", cwd=tmp_path, stdin=whole.encode())
    parts = vmbackup("fleet", "--inventory", "large.json", "--json", cwd=tmp_path)
    assert (parts.returncode, parts.stderr) == (at_once.returncode, at_once.stderr) == (0, b"")
    assert json.loads(parts.stdout)["vms"]
    assert json.loads(parts.stdout) == json.loads(at_once.stdout)


def test_a_large_file_that_was_cut_short_is_told_as_a_small_one_is(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").rstrip()
    (tmp_path / "short.json").write_text(text[:-1] + " " * CUT_FROM_BYTES, encoding="utf-8")
    ran = vmbackup("fleet", "--inventory", "short.json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (4, b"")
    assert b"short.json" in ran.stderr
    assert b"cut short" in ran.stderr


def test_json_and_csv_hold_every_vm(tmp_path: Path) -> None:
    document = json.loads(vmbackup("fleet", *FILE, "--json", cwd=tmp_path).stdout)
    table = vmbackup("fleet", *FILE, "--csv", cwd=tmp_path).stdout.decode()
    vms = [line for line in csv.DictReader(io.StringIO(table)) if line["what"] == "vm"]
    assert [line["id"] for line in vms] == [vm["id"] for vm in document["vms"]]
    assert document["sums"]["vms"] == len(vms)
    assert document["top"] is None


def test_a_budget_is_listed_with_running_sums(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--top", "4000", "--json", cwd=tmp_path)
    top = json.loads(ran.stdout)["top"]
    assert top
    assert float(top[-1]["running"]) <= 4000


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--fail-on", "unprotected"), "Found what --fail-on names: "),
        (("--fail-above", "0"), "more than the 0.00 of --fail-above."),
    ],
)
def test_a_pipeline_fails_on_what_it_names(
    flags: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    ran = vmbackup("fleet", *FILE, *flags, cwd=tmp_path)
    assert ran.returncode == 8
    assert said in ran.stderr.decode()
    assert ran.stdout, "the report is printed all the same"


def test_a_pipeline_passes_where_nothing_is_found(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--fail-on", "gap", "--fail-above", "1000000", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--json", "--csv"), "Choose one of --json and --csv."),
        (("--group-by", "colour"), "nothing to group by"),
        (("--subscription", "x"), "--subscription is about reading Azure."),
        (("--resume",), "--resume is about reading Azure."),
        (("--top", "0"), "--top"),
    ],
)
def test_a_wrong_flag_is_one_sentence(flags: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, *flags, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert said in ran.stderr.decode()


def test_an_empty_list_says_how_to_export_again(tmp_path: Path) -> None:
    (tmp_path / "vms.json").write_text("[]", encoding="utf-8")
    ran = vmbackup("fleet", "--inventory", "vms.json", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, b"")
    assert "az account show" in ran.stderr.decode()
