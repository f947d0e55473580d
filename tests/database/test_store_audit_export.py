"""`vmbackup audit export`: the file is a chain of its own, and shows a rewritten audit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running_postgres import ask
from store_samples import an_ask

from advisor.errors import DatabaseUnusable, InputUnreadable
from bot.database import Database
from bot.database.audit import Audit
from bot.database.audit_file import export
from bot.database.store import Store
from tests.database.test_store_audit_command import run
from tests.databases import Served


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


async def test_each_export_adds_what_is_new_and_only_that(
    store: Store, database: Database, file: Path
) -> None:
    await store.ask([an_ask(1), an_ask(2, reason="“quoted” 🙂\nand a line")])
    first = await export(Audit(database), file)
    assert (first.added, first.rows, first.head) == (2, 2, await Audit(database).head())
    kept = file.read_bytes()
    assert (await export(Audit(database), file)).added == 0
    assert file.read_bytes() == kept
    await store.ask([an_ask(3)])
    second = await export(Audit(database), file)
    assert (second.added, second.rows, second.head) == (1, 3, await Audit(database).head())
    assert file.read_bytes().startswith(kept)
    assert [json.loads(line)["seq"] for line in file.read_text("utf-8").splitlines()] == [1, 2, 3]


async def test_an_audit_that_was_rewritten_as_a_whole_is_noticed_and_nothing_is_added(
    store: Store, served: Served, database: Database, file: Path
) -> None:
    """It is consistent in itself, so that `audit verify` alone finds nothing wrong."""
    await store.ask([an_ask(1)])
    await export(Audit(database), file)
    kept = file.read_bytes()
    for statement in (
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "ALTER TABLE audit_head DISABLE TRIGGER USER",
        "DELETE FROM audit",
        "UPDATE audit_head SET seq = 0, hash = repeat('0', 64)",
    ):
        await ask(served, statement)
    await store.ask([an_ask(2), an_ask(3)])
    assert (await Audit(database).verify()).broken_at is None
    with pytest.raises(DatabaseUnusable, match="is not the one that"):
        await export(Audit(database), file)
    assert file.read_bytes() == kept


async def test_a_broken_audit_is_not_exported(
    store: Store, served: Served, database: Database, file: Path
) -> None:
    await store.ask([an_ask(1), an_ask(2)])
    await ask(served, "ALTER TABLE audit DISABLE TRIGGER USER")
    await ask(served, "UPDATE audit SET who = 'UEVE' WHERE seq = 2")
    with pytest.raises(DatabaseUnusable, match="broken at row 2"):
        await export(Audit(database), file)
    assert not file.exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text.replace("UADA", "UEVE"), "line 1: the chain is broken there"),
        (lambda text: text[:-5], "line 2: the line is cut off"),
        (lambda text: "[1]\n" + text, "line 1: it is no row of an audit"),
        (lambda text: text.split("\n", 1)[1], "line 1: the chain is broken there"),
    ],
)
async def test_a_file_that_is_no_chain_is_told_by_its_line(
    damage: object, said: str, store: Store, database: Database, file: Path
) -> None:
    await store.ask([an_ask(1), an_ask(2)])
    await export(Audit(database), file)
    file.write_text(damage(file.read_text("utf-8")), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(InputUnreadable, match=said):
        await export(Audit(database), file)


async def test_the_command_says_how_many_rows_were_added(
    store: Store, served: Served, file: Path
) -> None:
    await store.ask([an_ask(1)])
    ran = await run("export", str(file), DATABASE_URL=served.url)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("1 row was added. The file has 1, head ")
    nowhere = await run("export", str(file.parent / "no" / "file"), DATABASE_URL=served.url)
    assert nowhere.returncode == 4
    assert "it cannot be written" in nowhere.stderr
