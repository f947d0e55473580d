"""`vmbackup fleet` at the played Azure, beside another one, and where it cannot keep its pages."""

from __future__ import annotations

import json
from pathlib import Path

from advisor.azure.kept_pages import FOLDER
from advisor.file_lock import locked
from tests.played_shell import played_shell

#: Where the played shell has the cache of vmbackup.
CACHE = "cache"


async def test_a_fleet_that_was_told_leaves_no_page_behind(tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        ran = await shell.run("vmbackup fleet --inventory live --group-by region")
        assert (ran.code, ran.err) == (0, "")
        assert "Read from Azure in 3 calls and " in ran.out
        assert list((shell.folder / CACHE / FOLDER).iterdir()) == []


async def test_two_readings_at_once_do_not_write_into_one_folder(tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        alone = json.loads((await shell.run("vmbackup fleet --json")).out)
        with locked(shell.folder / CACHE / f"{FOLDER}.lock") as held:
            assert held
            beside = await shell.run("vmbackup fleet --json")
            resumed = await shell.run("vmbackup fleet --resume")
    assert beside.code == 0
    assert "Another vmbackup fleet is reading: if this one breaks off" in beside.err
    assert json.loads(beside.out)["sums"] == alone["sums"]
    assert (resumed.code, resumed.out) == (2, "")
    assert "holds what --resume is about. Wait for it." in resumed.err


async def test_a_cache_that_is_no_folder_is_one_sentence(tmp_path: Path) -> None:
    async with played_shell(tmp_path / "shell") as shell:
        (shell.folder / CACHE).mkdir(exist_ok=True)
        (shell.folder / CACHE / FOLDER).write_text("no folder", encoding="utf-8")
        ran = await shell.run("vmbackup fleet --resume")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot hold what is read: File exists." in ran.err
    assert "Traceback" not in ran.err
