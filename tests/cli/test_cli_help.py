"""Help is whole, ends with examples, and leads on from a misspelt name; the shell completes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from advisor.cli.group import HELP_COLUMNS, GroupEntry, every_command, run
from bot.cli import COMMANDS, vmbackup

ROOT = Path(__file__).parents[2]
VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
COLUMNS = 80
LEAVES = dict(every_command(COMMANDS))
GROUPS = {entry.name: entry for entry in COMMANDS if isinstance(entry, GroupEntry)}
PATHS = ["", *GROUPS, *LEAVES]

Capsys = pytest.CaptureFixture[str]


def shown(capsys: Capsys, monkeypatch: pytest.MonkeyPatch, path: str) -> str:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    assert run(vmbackup(), [*path.split(), "--help"]) == 0
    return capsys.readouterr().out


# --- help ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_all_help_fits_a_terminal_and_nothing_of_it_is_cut_off(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    lines = shown(capsys, monkeypatch, path).splitlines()
    assert lines[0].startswith(f"Usage: vmbackup {path}".rstrip())
    assert [line for line in lines[1:] if line.endswith(("...", "…"))] == []
    assert [line for line in lines if len(line) > COLUMNS] == []


@pytest.mark.parametrize("path", ["", *GROUPS])
def test_a_group_lists_each_command_in_one_line(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    commands = GROUPS[path].commands if path else COMMANDS
    listed = shown(capsys, monkeypatch, path).split("Commands:\n")[1].split("\n\n")[0]
    assert [line.split(maxsplit=1) for line in listed.splitlines()] == [
        [entry.name, entry.help] for entry in commands
    ]
    assert [entry.help for entry in commands if len(entry.help) > HELP_COLUMNS] == []


@pytest.mark.parametrize("path", PATHS)
def test_all_help_ends_with_examples(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Those of the command; of a group the first of each of its commands."""
    if path in LEAVES:
        examples = LEAVES[path].examples
    else:
        commands = GROUPS[path].commands if path else COMMANDS
        examples = tuple(entry.examples[0] for entry in commands)
    assert examples
    text = "".join(f"# {each.why}\n{each.line}\n" for each in examples)
    expected = "\n\nExamples:\n" + textwrap.indent(text, "  ")
    assert shown(capsys, monkeypatch, path).endswith(expected)


@pytest.mark.parametrize("path", LEAVES)
def test_an_example_is_of_its_own_command_and_says_what_it_is_good_for(path: str) -> None:
    for why, line in LEAVES[path].examples:
        assert line.startswith(f"vmbackup {path}")
        assert why[0].isupper()
        assert not why.endswith(".")


# --- a misspelt name -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("advize web-01", "There is no command “advize”. Did you mean “advise”? There are advise,"),
        ("ADVISE web-01", "There is no command “ADVISE”. Did you mean “advise”? There are advise,"),
        ("show", "There is no command “show”. Did you mean “prices show”? There are advise,"),
        ("verfy", "There is no command “verfy”. Did you mean “audit verify”? There are advise,"),
        (
            "prices shwo",
            "There is no command “shwo”. Did you mean “show”? There are show, sheet, update.",
        ),
        ("inventory web-01", "There is no command “web-01”. There is query. See “vmbackup inv"),
        (
            "qqq",
            "There is no command “qqq”. There are advise, estimate, bill, measure, fleet,",
        ),
        ("advise x --inventry f", "No such option '--inventry'. Did you mean '--inventory'?"),
    ],
)
def test_a_misspelt_name_is_met_with_the_nearest(capsys: Capsys, words: str, sentence: str) -> None:
    assert run(vmbackup(), words.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"vmbackup: {sentence}")
    assert said.err.count("\n") == 1


# --- completion ------------------------------------------------------------------------------


def completed(line: str) -> list[str]:
    """What bash is offered for the last word of a line, which may be empty."""
    words = line.split(" ")
    ran = subprocess.run(
        [VMBACKUP],
        env={
            "_VMBACKUP_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""
    return [each.partition(",")[2] for each in ran.stdout.split()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("vmbackup ", [entry.name for entry in COMMANDS]),
        ("vmbackup a", ["advise", "audit"]),
        ("vmbackup prices ", ["show", "sheet", "update"]),
        ("vmbackup audit v", ["verify"]),
        ("vmbackup advise --inv", ["--inventory"]),
        ("vmbackup estimate s", ["site-recovery", "snapshots"]),
        ("vmbackup bot --only ", ["listener", "worker"]),
        ("vmbackup estimate snapshots --region weste", ["westeurope"]),
        ("vmbackup advise web-01 --to northe", ["northeurope"]),
        ("vmbackup advise web-01 --currency eu", ["EUR"]),
        (
            "vmbackup prices nothing ",
            ["show", "sheet", "update"],
        ),  # as click does: it is no failure
    ],
)
def test_the_shell_completes_commands_flags_and_words(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


@pytest.mark.parametrize("flag", ["--inventory", "--settings"])
def test_the_shell_completes_the_names_of_files(flag: str) -> None:
    """It is told to look for files itself."""
    line = f"vmbackup advise web-01 {flag} deploy/"
    ran = subprocess.run(
        [VMBACKUP],
        env={"_VMBACKUP_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": "4"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "file,deploy/\n"


def documented() -> dict[str, str]:
    """The line that the document has for each shell, as it is typed."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = text.split("## Completion in the shell\n")[1].split("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in section.splitlines() if row.startswith("| ")]
    return {row[0].split(",")[0]: row[2].strip("`").replace("\\|", "|") for row in rows[2:]}


def test_the_document_switches_completion_on_for_each_shell_that_click_knows() -> None:
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    known = {each.name for each in (BashComplete, ZshComplete, FishComplete)}
    assert documented().keys() == known
    for shell, line in documented().items():
        assert f"_VMBACKUP_COMPLETE={shell}_source vmbackup" in line


def test_the_documented_line_completes_in_bash() -> None:
    """The line itself, in a bash that then completes as it would after the Tab key."""
    if not (bash := shutil.which("bash")):
        pytest.skip("this machine has no bash")
    script = f"""
{documented()["bash"]}
COMP_WORDS=(vmbackup prices u) COMP_CWORD=2
$(complete -p vmbackup | sed -E 's/.*-F ([^ ]+).*/\\1/') vmbackup
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    path = f"{Path(VMBACKUP).parent}:/usr/bin:/bin"
    ran = subprocess.run(
        [bash, "-ec", script],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("update\n", "", 0)


def test_completing_a_command_imports_none() -> None:
    """It reads the table, so it is as quick as help."""
    program = "import sys; from advisor.cli.group import run; from bot.cli import vmbackup\n"
    program += "try: run(vmbackup(), [])\n"
    program += "finally: print(' '.join(sys.modules), file=sys.stderr)\n"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "_VMBACKUP_COMPLETE": "bash_complete",
            "COMP_WORDS": "vmbackup prices ",
            "COMP_CWORD": "2",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "plain,show\nplain,sheet\nplain,update\n"
    loaded = set(ran.stderr.split())
    assert "click.shell_completion" in loaded
    assert not loaded & {"advisor.cli.prices", "advisor.cli.advise", "decimal", "asyncio", "rich"}
