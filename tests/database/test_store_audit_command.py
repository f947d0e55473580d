"""`vmbackup audit` as a person runs it: beside the bot, without it, and on a broken chain."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from running_postgres import ROOT, Chosen, ask
from store_samples import NOON, SNAPSHOT, WakesNoted, a_plan, an_ask, asked, to

from advisor.cli.group import every_command
from advisor.errors import EXIT_INPUT_UNREADABLE, EXIT_USAGE
from bot.cli import COMMANDS
from bot.composition.actions import action_rows
from bot.database import Database, open_database
from bot.database.audit import Audit
from bot.database.store import Store
from bot.requests.changes import AuditEntry, Change
from bot.requests.states import State
from tests.databases import Served


async def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The program, without any of Slack's tokens."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot.cli", "audit", *words],
        env={**kept, "COLUMNS": "160", **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_whole_chain_and_a_noted_head_are_said_to_be_so(
    served: Served, store: Store, database: Database
) -> None:
    await store.ask([an_ask(1), an_ask(2)])
    noted = await Audit(database).head()
    await store.ask([an_ask(3)])
    head = await Audit(database).head()
    plain = await run("verify", DATABASE_URL=served.url)
    assert (plain.returncode, plain.stderr) == (0, "")
    assert plain.stdout == f"The audit is whole: 3 rows, head {head}.\n"
    compared = await run("verify", "--head", noted[:16].upper(), DATABASE_URL=served.url)
    assert compared.returncode == 0
    assert compared.stdout.endswith("The hash that you noted is that of row 2.\n")


async def test_a_broken_chain_is_named_by_its_row(served: Served, store: Store) -> None:
    await store.ask([an_ask(number) for number in range(4)])
    await ask(served, "ALTER TABLE audit DISABLE TRIGGER USER")
    await ask(served, "UPDATE audit SET who = 'UEVE' WHERE seq = 2")
    ran = await run("verify", DATABASE_URL=served.url)
    assert (ran.returncode, ran.stdout) == (EXIT_INPUT_UNREADABLE, "")
    assert "broken at row 2" in ran.stderr


async def test_a_head_that_is_not_there_and_one_that_is_none_are_told_apart(
    served: Served, store: Store
) -> None:
    other = await run("verify", "--head", "a" * 64, DATABASE_URL=served.url)
    assert other.returncode == EXIT_INPUT_UNREADABLE
    assert "no row of it has the hash aaaa" in other.stderr
    none = await run("verify", "--head", "mine", DATABASE_URL=served.url)
    assert none.returncode == EXIT_USAGE
    assert "“mine” is no hash" in none.stderr


async def test_a_request_is_shown_from_its_asking_to_its_end(served: Served, store: Store) -> None:
    request = await asked(store, reason="[red]before\x1b[31m kernel update")
    await store.move(request, to(State.APPROVED, fields={"plan": a_plan()}))
    ran = await run("show", request.id, DATABASE_URL=served.url)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert lines[0].split() == ["Row", "When", "(UTC)", "What", "Who", "Details", "Hash"]
    assert any(line.startswith("  1  ") and " asked " in line and "UADA" in line for line in lines)
    assert any(line.startswith("  2  ") and "vmbackup" in line for line in lines)
    assert "reason: [red]before?[31m kernel update" in ran.stdout
    assert "\x1b" not in ran.stdout


async def test_the_audit_speaks_in_words_and_names_and_is_raw_as_json(
    served: Served, store: Store
) -> None:
    request = await asked(store, keep=timedelta(days=3), consistent=True)
    entry = AuditEntry(
        kind="done",
        who="UADA",
        detail={
            "made": [SNAPSHOT, f"{SNAPSHOT}-2"],
            "plan": "f" * 64,
            "limit": "0.63",
            "currency": "USD",
            "until": NOON,
            "nothing": [],
        },
    )
    await store.move(request, Change(to=None, entry=entry))
    ran = await run("show", request.id, DATABASE_URL=served.url)
    assert (ran.returncode, ran.stderr) == (0, "")
    for words in (
        "ada (UADA)",
        "kept for: 3 days",
        "consistent",
        "made: web-01_OsDisk-ab12 and web-01_OsDisk-ab12-2",
        f"plan hash: {'f' * 12}",
        "cost counted by rules: 0.63 USD",
        "until: 22 Nov 2026, 12:00 UTC",
    ):
        assert words in ran.stdout
    for raw in ("/subscriptions/", "{", "nothing", "P3D"):
        assert raw not in ran.stdout
    ran = await run("show", request.id, "--json", DATABASE_URL=served.url)
    rows = json.loads(ran.stdout)
    assert [row["kind"] for row in rows] == ["asked", "done"]
    assert rows[1]["detail"]["made"][0] == SNAPSHOT
    assert rows[1]["previous"] == rows[0]["hash"]


async def test_a_request_that_is_not_there_is_said(served: Served, store: Store) -> None:
    ran = await run("show", "r-0123456789ab", DATABASE_URL=served.url)
    assert ran.returncode == EXIT_USAGE
    assert "The audit has no row of “r-0123456789ab”" in ran.stderr


async def test_a_database_that_was_never_migrated_says_what_to_do(blank: Served) -> None:
    ran = await run("verify", DATABASE_URL=blank.url)
    assert ran.returncode == EXIT_INPUT_UNREADABLE
    assert "Start the bot on it once" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no embedded database")
async def test_the_bots_own_database_is_read_beside_the_bot_and_without_it(
    directory: Path,
) -> None:
    home = {"VMBACKUP_DATA_DIR": str(directory.parent)}
    async with open_database(Chosen(directory.parent)) as database:
        await Store(database, WakesNoted(), action_rows()).ask([an_ask()])
        beside = await run("verify", **home)
    alone = await run("verify", **home)
    assert (beside.returncode, beside.stdout) == (0, alone.stdout)
    assert alone.stdout.startswith("The audit is whole: 1 rows")


async def test_every_example_that_help_shows_reads_the_audit(
    served: Served, store: Store, database: Database, tmp_path: Path
) -> None:
    """The id, the hash and the file are those of this test; else the lines are as they stand."""
    request = await asked(store)
    head = await Audit(database).head()
    here = {"r-0123456789ab": request.id, "0123456789ab": head[:12]}
    here["audit.jsonl"] = str(tmp_path / "audit.jsonl")
    lines = [
        each.line
        for path, entry in every_command(COMMANDS)
        if path.startswith("audit ")
        for each in entry.examples
    ]
    assert len(lines) > 1
    for line in lines:
        program, group, *words = (here.get(word, word) for word in shlex.split(line))
        ran = await run(*words, DATABASE_URL=served.url)
        assert (program, group) == ("vmbackup", "audit")
        assert (ran.returncode, ran.stderr) == (0, ""), line
        assert ran.stdout


async def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    ran = await run("verify", VMBACKUP_DATA_DIR=str(tmp_path / "none"))
    assert ran.returncode == EXIT_INPUT_UNREADABLE
    assert "There is no database in" in ran.stderr
    assert list(tmp_path.iterdir()) == []
