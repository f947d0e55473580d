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
    assert out.index("Protection costs") < out.index("Prices of")
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
    ran = vmbackup("fleet", *FILE, "--fail-on", "gap", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_sum_that_lacks_prices_and_is_not_above_is_said_to_be_unknown(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--fail-above", "1000000", cwd=tmp_path)
    said = ran.stderr.decode()
    assert ran.returncode == 0
    assert "2 VMs without a price: whether it is more than the 1,000,000.00" in said
    assert said.endswith("of --fail-above is not known.\n")


def test_what_cannot_be_written_is_said_before_anything_is_read(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--html", "none/fleet.html", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert "none/fleet.html cannot be written: none is no directory." in ran.stderr.decode()


def test_the_page_has_what_the_budget_buys_and_none_where_nobody_named_one(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--top", "4000", "--html", "a.html", "--json", cwd=tmp_path)
    top = json.loads(ran.stdout)["top"]
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.count("<tr>", page.index('<table id="bought"')) >= len(top) > 0
    assert all(each["name"] in page for each in top)
    vmbackup("fleet", *FILE, "--html", "b.html", cwd=tmp_path)
    assert "What the next money buys" not in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_a_spreadsheet_has_the_sums_and_what_the_budget_buys(tmp_path: Path) -> None:
    flags = ("--group-by", "region", "--top", "4000")
    table = vmbackup("fleet", *FILE, *flags, "--csv", cwd=tmp_path).stdout.decode()
    document = json.loads(vmbackup("fleet", *FILE, *flags, "--json", cwd=tmp_path).stdout)
    lines = list(csv.DictReader(io.StringIO(table)))
    sums = {line["name"]: line for line in lines if line["what"] == "sum"}
    assert list(sums) == [each["name"] for each in document["groups"]]
    assert sums["westeurope"]["today"] == document["sums"]["today"]
    assert sums["northeurope"]["today"] == "", "what nothing is known of is no 0"
    assert sums["belgiumcentral"]["today"] == "0"
    top = [(line["id"], line["costs"], line["running"]) for line in lines if line["what"] == "top"]
    assert top == [(each["id"], each["costs"], each["running"]) for each in document["top"]]


def test_a_group_without_all_prices_is_a_floor_or_unknown_and_never_0(tmp_path: Path) -> None:
    out = vmbackup("fleet", *FILE, "--group-by", "region", cwd=tmp_path).stdout.decode()
    lines = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert lines["westeurope"][:4] == ["10", "9", "≥", "498"]
    assert lines["belgiumcentral"] == ["1", "1", "0.00", "unknown"]
    assert lines["northeurope"][:3] == ["3", "3", "unknown"]


def test_live_is_azure_and_goes_with_no_file(tmp_path: Path) -> None:
    ran = vmbackup("fleet", *FILE, "--inventory", "live", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert "--inventory live reads Azure." in ran.stderr.decode()


def test_an_unprotected_vm_with_nothing_to_protect_is_told_apart(tmp_path: Path) -> None:
    out = vmbackup("fleet", *FILE, cwd=tmp_path).stdout.decode()
    assert "15 unprotected" in out
    assert "In all: 14 unprotected and 1 without what is asked." in out
    assert " 1 more unprotected, with nothing to protect." in out


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--json", "--csv"), "Choose one of --json and --csv."),
        (("--group-by", "colour"), "nothing to group by"),
        (("--subscription", "x"), "--subscription is about reading Azure."),
        (("--resume",), "--resume is about reading Azure."),
        (("--top", "0"), "A budget of 0 buys nothing."),
        (("--top", "nan"), "“nan” is not an amount. Write it like 4000 or 12.50."),
        (("--fail-above", "nan"), "“nan” is not an amount."),
        (("--fail-above", "-1"), "“-1” is not an amount."),
        (("--fail-above", "1e400"), "“1e400” is not an amount."),
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
