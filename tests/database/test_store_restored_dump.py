"""A dump that is restored, as docs/runbook.md says it: the chain is whole, and work goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from store_samples import WakesNoted, an_ask, approved, asked

from bot.composition.actions import action_rows
from bot.database import Database, open_database
from bot.database.audit import Audit
from bot.database.embedded.binaries import bundled
from bot.database.schema_state import migrations_missing
from bot.database.store import Store
from bot.jobs.enqueue import JobWakes
from bot.settings import Settings
from tests.databases import PROGRAMS, Served

#: Those of the server itself: a newer pg_restore sets what an older server does not know.
SERVERS_OWN = Path(os.environ.get(PROGRAMS) or bundled() / "bin")


async def program(name: str, *words: str) -> None:
    ran = await asyncio.to_thread(
        subprocess.run, [SERVERS_OWN / name, *words], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr


async def test_a_restored_dump_has_a_whole_audit_and_its_work_goes_on(
    served: Served, blank: Served, database: Database, tmp_path: Path
) -> None:
    store = Store(database, JobWakes(), action_rows())
    request = await approved(store)
    waiting = await asked(store, 2, vm="/subscriptions/s/resourceGroups/g/x/vm-2")
    head = await Audit(database).head()
    dump = str(tmp_path / "vmbackup.dump")
    source = make_conninfo(**served.connection_keywords)
    await program("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={source}")
    await store.ask([an_ask(3)])  # after the dump: lost with the first database

    target = make_conninfo(**blank.connection_keywords)
    await program(
        "pg_restore", f"--dbname={target}", "--no-owner", "--no-privileges", "--exit-on-error", dump
    )
    settings = Settings.model_validate({"SLACK_BOT_TOKEN": "xoxb-1", "DATABASE_URL": blank.url})
    async with open_database(settings) as restored:
        assert await migrations_missing(restored) == ""
        verified = await Audit(restored).verify(head)
        assert verified.broken_at is None
        assert verified.noted_at == verified.rows
        assert not verified.compared.differences
        woken = WakesNoted()
        again = Store(restored, woken, action_rows())
        assert {request.id, waiting.id} <= {*await again.due(10)}
        assert await again.get("r-000000000003") is None
        async with restored.connection() as connection:
            jobs = await connection.execute("SELECT count(*) FROM procrastinate_jobs")
            assert (await jobs.fetchone() or (0,))[0] >= 1
        fourth = await asked(again, 4, vm="/subscriptions/s/resourceGroups/g/x/vm-4")
        assert (await Audit(restored).verify()).rows == verified.rows + 1
        assert fourth.id
