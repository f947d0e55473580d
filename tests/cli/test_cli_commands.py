"""The commands from end to end in one process: what is printed, and the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from advisor.cli.group import run
from advisor.options import BY_NAME, OPTIONS
from bot.cli import COMMANDS, vmbackup

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "deploy" / "local" / "sample-inventory.json")
ESTIMATE = ("--region", "westeurope", "--disk", "Premium_LRS:128:40")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


class Terminal:
    """Runs commands in a directory of its own with a cache of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: str) -> Ran:
        code = run(vmbackup(), args)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(capsys)


def a_vm(name: str, group: str, **more: object) -> dict[str, object]:
    """One entry of `az vm list`."""
    vm_id = (
        "/subscriptions/00000000-0000-4000-8000-000000000001"
        f"/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"
    )
    return {
        "id": vm_id,
        "name": name,
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "resourceGroup": group,
        "hardwareProfile": {"vmSize": "Standard_D2s_v3"},
        "storageProfile": {
            "osDisk": {"name": f"{name}-os", "osType": "Linux", "diskSizeGb": 64},
            "dataDisks": [],
        },
        **more,
    }


def vm_list(path: Path, *vms: dict[str, object]) -> str:
    path.write_text(json.dumps(vms), encoding="utf-8")
    return str(path)


# --- advise ----------------------------------------------------------------------------------


def test_an_advice_is_printed_plain_where_nobody_looks(terminal: Terminal) -> None:
    ran = terminal("advise", "web-01", "--inventory", SAMPLE)
    assert (ran.code, ran.err) == (0, "")
    assert "web-01" in ran.out
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100


def test_json_is_one_document_with_every_option(terminal: Terminal) -> None:
    ran = terminal("advise", "web-01", "--inventory", SAMPLE, "--json")
    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["vm"]["name"] == "web-01"
    assert {each["option"] for each in document["assessments"]} == set(BY_NAME)


def test_markdown_is_markdown(terminal: Terminal) -> None:
    ran = terminal("advise", "web-01", "--inventory", SAMPLE, "--markdown")
    assert ran.code == 0
    assert "| --- |" in ran.out.replace(":---", "---").replace("---:", "---")


def test_several_files_are_one_inventory(terminal: Terminal, tmp_path: Path) -> None:
    one = vm_list(tmp_path / "one.json", a_vm("app-01", "rg-a"))
    two = vm_list(tmp_path / "two.json", a_vm("app-02", "rg-b"))
    for name in ("app-01", "app-02"):
        assert terminal("advise", name, "--inventory", one, "--inventory", two).code == 0


def test_flags_reach_the_need(terminal: Terminal) -> None:
    words = ("--survive", "deletion", "--keep", "daily=7", "--no-isolated", "--rpo", "12h")
    document = json.loads(terminal("advise", "web-01", "--inventory", SAMPLE, "--json", *words).out)
    need = document["need"]
    assert need["deletion"]["rpo"] == "PT12H"
    assert need["region"] is None
    assert need["isolated"] is False
    assert need["retention"] == "daily=7"


def test_the_settings_file_of_the_directory_is_read(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "vmbackup.toml").write_text(
        'default_tier = "bronze"\n[tiers.bronze]\ntags = { environment = ["production"] }\n'
        'deletion = { rpo = "24h" }\nkeep = "daily=3"\n',
        encoding="utf-8",
    )
    assert "the bronze tier" in terminal("advise", "web-01", "--inventory", SAMPLE).out


def test_three_a_vm_of_that_name_is_not_there(terminal: Terminal) -> None:
    ran = terminal("advise", "web-1", "--inventory", SAMPLE)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("vmbackup: There is no VM called “web-1”")
    assert "web-01" in ran.err


def test_three_two_vms_of_that_name_are_listed(terminal: Terminal, tmp_path: Path) -> None:
    file = vm_list(tmp_path / "vms.json", a_vm("app", "rg-a"), a_vm("app", "rg-b"))
    ran = terminal("advise", "app", "--inventory", file)
    assert ran.code == 3
    assert "2 VMs are called “app”" in ran.err
    assert "rg-a" in ran.err
    assert "rg-b" in ran.err
    assert terminal("advise", "rg-b/app", "--inventory", file).code == 0


def test_four_a_file_cut_short_is_named(terminal: Terminal, tmp_path: Path) -> None:
    whole = Path(vm_list(tmp_path / "vms.json", a_vm("app", "rg-a"))).read_text(encoding="utf-8")
    (tmp_path / "short.json").write_text(whole[:-40], encoding="utf-8")
    ran = terminal("advise", "app", "--inventory", "short.json")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("vmbackup: short.json")


@pytest.mark.parametrize("size", [-1, 10**9, 10**40, 1e308, float("inf")])
def test_four_a_number_that_no_azure_has_is_named(
    terminal: Terminal, tmp_path: Path, size: float
) -> None:
    os_disk = {"name": "app-os", "osType": "Linux", "diskSizeGb": size}
    vm = a_vm("app", "rg-a", storageProfile={"osDisk": os_disk, "dataDisks": []})
    ran = terminal("advise", "app", "--inventory", vm_list(tmp_path / "vms.json", vm))
    assert (ran.code, ran.out) == (4, "")
    assert "vms.json" in ran.err
    assert "Traceback" not in ran.err


def test_four_a_file_that_is_not_there_is_named(terminal: Terminal) -> None:
    ran = terminal("advise", "app", "--inventory", "nowhere.json")
    assert ran.code == 4
    assert "nowhere.json" in ran.err
    assert "Traceback" not in ran.err


def test_four_a_slip_in_the_settings_names_file_and_key(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[tiers.x.deletion]\nrpo = "soon"\n', encoding="utf-8")
    ran = terminal("advise", "web-01", "--inventory", SAMPLE, "--settings", "own.toml")
    assert ran.code == 4
    assert "own.toml, at tiers.x.deletion.rpo" in ran.err


def test_six_with_strict_and_without_it_the_same_advice(terminal: Terminal, tmp_path: Path) -> None:
    """A list of VMs alone leaves the disks and the protection open."""
    file = vm_list(tmp_path / "vms.json", a_vm("app", "rg-a"))
    relaxed = terminal("advise", "app", "--inventory", file)
    strict = terminal("advise", "app", "--inventory", file, "--strict")
    assert (relaxed.code, strict.code) == (0, 6)
    assert relaxed.out == strict.out
    assert strict.err.startswith("vmbackup: With --strict nothing may be missing, and this is:\n")
    assert "disks" in strict.err


def test_a_name_cannot_move_the_cursor(terminal: Terminal) -> None:
    ran = terminal("advise", "\x1b[2Jweb\x07", "--inventory", SAMPLE)
    assert ran.code in (2, 3)
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("advise",), "Missing argument 'VM'."),
        (("advise", "a", "--json", "--markdown"), "Choose one of --json and --markdown."),
        (
            ("advise", "a", "--inventory", "-", "--subscription", "s"),
            "--subscription is about reading Azure. Leave it out with --inventory.",
        ),
        (("advise", "a", "--rpo", "x"), "Invalid value for '--rpo': “x” is not a duration."),
        (("advize",), "There is no command “advize”. Did you mean “advise”? There are "),
        (("--nope",), "No such option '--nope'."),
        (("bot", "--http", "3000"), "“3000” is not an address. Write it like 127.0.0.1:3000."),
        (("bot", "--http", "h:70000"), "“h:70000” is not an address."),
    ],
)
def test_two_a_slip_is_one_sentence(
    terminal: Terminal, words: Sequence[str], sentence: str
) -> None:
    ran = terminal(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"vmbackup: {sentence}")
    assert ran.err.count("\n") == 1


def test_four_the_bot_says_which_token_it_lacks(terminal: Terminal) -> None:
    ran = terminal("bot")
    assert ran.code == 4
    assert "SLACK_BOT_TOKEN" in ran.err


# --- help ------------------------------------------------------------------------------------


def test_help_lists_every_command(terminal: Terminal) -> None:
    ran = terminal("--help")
    assert ran.code == 0
    assert [entry.name for entry in COMMANDS if entry.name not in ran.out] == []


def test_no_command_at_all_shows_the_help_and_is_a_slip(terminal: Terminal) -> None:
    ran = terminal()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: vmbackup" in ran.err


# --- estimate --------------------------------------------------------------------------------


@pytest.mark.parametrize("option", list(BY_NAME))
def test_an_estimate_needs_a_region_and_a_disk_only(terminal: Terminal, option: str) -> None:
    ran = terminal("estimate", option, *ESTIMATE, "--json")
    document = json.loads(ran.out)
    assert ran.code == 0
    assert document["option"] == option
    # Whether high churn is needed follows from the sizes; it is shown and not asked for.
    assert set(document["configuration"]) <= {flag.key for flag in BY_NAME[option].flags}


def test_the_help_of_estimate_lists_every_option_and_whose_each_flag_is(
    terminal: Terminal,
) -> None:
    shown = terminal("estimate", "--help").out
    names = [option.name for option in OPTIONS]
    assert f"OPTION is {', '.join(names[:-1])} or {names[-1]}." in " ".join(shown.split())
    for option in OPTIONS:
        for flag in option.flags:
            owners = rf"(?:{'|'.join(names)})"
            [row] = re.findall(
                rf"{flag.spelled} .*?\[({owners}(?:, {owners})*)\]", " ".join(shown.split())
            )
            assert option.name in row.split(", ")


def test_what_is_said_is_what_is_estimated(terminal: Terminal) -> None:
    words = "--policy standard --redundancy ZRS --instant-restore 3d --keep daily=10,weekly=4"
    said = words.split(" ")
    document = json.loads(terminal("estimate", "azure-backup", *ESTIMATE, *said, "--json").out)
    configuration = document["configuration"]
    assert configuration["policy"] == "standard"
    assert configuration["redundancy"] == "zrs"
    assert configuration["keep"] == "daily=10,weekly=4"


@pytest.mark.parametrize(
    "words",
    [
        "azure-backup",
        "azure-backup --policy enhanced --every 4h --redundancy grs-crr --archive "
        "--keep daily=30,monthly=24",
        "site-recovery --recovery-points 0h --drills 0",
        "site-recovery --to zone:2 --recovery-points 15d",
        "snapshots --full --count 9 --every 12h --redundancy lrs",
        "snapshots --consistent application --to northeurope",
    ],
)
def test_a_configuration_given_back_as_flags_is_the_same_estimate(
    terminal: Terminal, words: str
) -> None:
    first = terminal("estimate", *words.split(), *ESTIMATE, "--json")
    document = json.loads(first.out)
    flags = as_flags(document["configuration"])
    again = terminal("estimate", document["option"], *flags, *ESTIMATE, "--json")
    assert (again.err, json.loads(again.out)) == ("", document)


def as_flags(configuration: dict[str, object]) -> list[str]:
    said = configuration
    words = []
    for key, value in said.items():
        if value is not None and value is not False:
            words += [f"--{key.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",)])
def test_an_estimate_has_the_three_forms(terminal: Terminal, form: Sequence[str]) -> None:
    ran = terminal("estimate", "snapshots", *ESTIMATE, *form)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("\n")


def test_six_a_region_without_prices_is_missing_them(terminal: Terminal) -> None:
    words = ("estimate", "snapshots", "--region", "polandcentral", "--disk", "Premium_LRS:128")
    assert terminal(*words).code == 0
    ran = terminal(*words, "--strict")
    assert ran.code == 6
    assert "vmbackup prices update --region polandcentral" in ran.err


@pytest.mark.parametrize("option", list(BY_NAME))
def test_a_flag_of_another_option_is_refused_with_its_own(terminal: Terminal, option: str) -> None:
    flags = BY_NAME[option].flags
    values = {"policy": "standard", "drills": "0"}
    key = next(key for key in values if key not in {flag.key for flag in flags})
    foreign = (f"--{key}", values[key])
    ran = terminal("estimate", option, *ESTIMATE, *foreign)
    own = ", ".join(flag.spelled for flag in flags)
    assert ran.code == 2
    assert ran.err == f"vmbackup: {foreign[0]} does not belong to {option}. Its flags are {own}.\n"


def test_no_drills_is_something_else_than_nothing_said(terminal: Terminal) -> None:
    document = json.loads(
        terminal("estimate", "site-recovery", *ESTIMATE, "--drills", "0", "--json").out
    )
    assert document["configuration"]["drills"] == 0


def test_with_strict_a_price_that_could_change_the_answer_is_missed(terminal: Terminal) -> None:
    """Belgium Central has no vault prices: the plan may be complete, the comparison is not."""
    ran = terminal("advise", "portal-01", "--inventory", SAMPLE, "--strict")
    assert ran.code == 6
    assert "Standard ZRS Data Stored" in ran.err
