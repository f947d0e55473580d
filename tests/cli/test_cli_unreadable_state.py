"""What was found out before and cannot be read: answers go on without it, say so, lose nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.cli.group import run
from advisor.cli.output import keep_for_later
from advisor.earlier_files import LEARNED, MEASURED, EarlierOfFiles
from advisor.errors import InputUnreadable
from advisor.kept_measures import measures_of
from bot.cli import vmbackup
from tests.strategies import a_vm, known

SAMPLE = str(Path(__file__).parents[2] / "deploy" / "local" / "sample-inventory.json")
DAMAGED = '{"schema": 1, "vms": {"a": {'


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the terminal's state, which holds nothing yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setenv("VMBACKUP_STATE_DIR", str(folder))
    return folder


@pytest.mark.parametrize("command", [("advise", "web-01"), ("fleet",)])
@pytest.mark.parametrize("name", [LEARNED.name, MEASURED.name])
def test_an_answer_without_what_cannot_be_read_is_the_one_without_the_file(
    state: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], name: str
) -> None:
    asked = (*command, "--inventory", SAMPLE, "--offline")
    code = run(vmbackup(), asked)
    without = capsys.readouterr()
    assert without.err == ""
    (state / name).write_text(DAMAGED, encoding="utf-8")
    assert run(vmbackup(), asked) == code
    damaged = capsys.readouterr()
    assert damaged.out == without.out
    [said] = damaged.err.splitlines()
    assert str(state / name) in said
    assert said.endswith("This answer goes on without it.")
    assert (state / name).read_text(encoding="utf-8") == DAMAGED


async def test_what_the_other_file_holds_counts_all_the_same(tmp_path: Path) -> None:
    machine = known(a_vm())
    MEASURED.keep(tmp_path, {machine.vm.key: measures_of(machine)})
    (tmp_path / LEARNED.name).write_text(DAMAGED, encoding="utf-8")
    unread: list[InputUnreadable] = []
    before = EarlierOfFiles(tmp_path, unread.append)
    for _ in range(2):
        found = await before.earlier(machine.vm.key)
        assert (found.billed, found.measured) == (None, measures_of(machine))
    assert [each.source for each in unread] == [str(tmp_path / LEARNED.name)]


def test_what_was_measured_now_is_shown_though_it_cannot_be_kept(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Measuring takes minutes: nobody measures twice for a file that is damaged."""
    (state / MEASURED.name).write_text(DAMAGED, encoding="utf-8")
    machine = known(a_vm())
    keep_for_later(MEASURED, {machine.vm.key: measures_of(machine)}, "What was measured")
    said = capsys.readouterr().err
    assert said.startswith("vmbackup: What was measured was not kept for the next advice: ")
    assert "Delete it, and measure anew." in said
    assert (state / MEASURED.name).read_text(encoding="utf-8") == DAMAGED
