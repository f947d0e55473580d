"""The one clock that every statement reads, and a database whose clock can be moved."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running_postgres import ask
from store_samples import asked, to_waiting

from advisor.errors import EXIT_INPUT_UNREADABLE, DatabaseUnusable
from bot.database import Database
from bot.database.one_clock import DatabaseTime, refuse_moved_clock
from bot.database.store import Store
from deploy.local.database_clock import make_movable, move_forward
from tests.databases import Served

DAY = timedelta(days=1)
_DEFAULTS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name NOT LIKE 'procrastinate%'
      AND column_default ~ '(^|[^_])now\\(|clock_timestamp|CURRENT_'
"""


async def test_no_column_fills_itself_in_by_another_clock(served: Served) -> None:
    assert await ask(served, _DEFAULTS) is None


async def test_the_clock_as_it_was_made_is_the_servers(database: Database, served: Served) -> None:
    found = await ask(served, "SELECT clock_timestamp() - vmbackup_now()")
    assert abs(found) < timedelta(seconds=1)
    await refuse_moved_clock(database, is_played=False)


async def test_a_bot_whose_azure_is_real_refuses_a_clock_that_can_be_moved(
    database: Database, served: Served
) -> None:
    make_movable(served.connection_keywords)
    with pytest.raises(DatabaseUnusable, match="`make demo` made it"):
        await refuse_moved_clock(database, is_played=False)
    await refuse_moved_clock(database, is_played=True)


async def test_vmbackup_bot_says_it_in_one_sentence_and_starts_nothing(
    served: Served, tmp_path: Path
) -> None:
    make_movable(served.connection_keywords)
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    started = subprocess.run(  # noqa: ASYNC221 - nothing else runs in this loop
        [sys.executable, "-m", "bot.cli", "bot"],
        env=own
        | {
            "SLACK_BOT_TOKEN": "xoxb-of-nobody",
            "SLACK_APP_TOKEN": "xapp-of-nobody",
            "DATABASE_URL": served.url,
            "VMBACKUP_OFFLINE": "1",
            "VMBACKUP_CACHE_DIR": str(tmp_path),
        },
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == EXIT_INPUT_UNREADABLE
    assert "The clock of this database can be moved" in started.stderr
    assert "Traceback" not in started.stderr


async def test_what_is_due_tomorrow_is_due_at_once_when_the_clock_is_moved(
    database: Database, served: Served, store: Store
) -> None:
    make_movable(served.connection_keywords)
    request = await store.move(await asked(store), to_waiting())
    await ask(served, "UPDATE requests SET next_at = vmbackup_now() + interval '23 hours'")
    assert request.id not in await store.due(10)
    move_forward(served.connection_keywords, DAY)
    assert request.id in await store.due(10)


async def test_a_worker_keeps_its_lease_while_the_clock_is_moved(
    database: Database, served: Served, store: Store
) -> None:
    make_movable(served.connection_keywords)
    request = await asked(store)
    assert await store.take(request.id, "mine", 30) is not None
    move_forward(served.connection_keywords, DAY)
    assert await store.renew(request.id, "mine", 30)


async def test_what_cannot_ask_the_database_goes_by_its_clock_all_the_same(
    database: Database, served: Served
) -> None:
    make_movable(served.connection_keywords)
    move_forward(served.connection_keywords, DAY)
    clock = DatabaseTime(database)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    await clock.follow()
    assert abs(clock.now() - datetime.now(UTC) - DAY) < timedelta(minutes=1)


async def test_a_clock_that_was_moved_stays_so_when_the_demo_goes_on(served: Served) -> None:
    assert make_movable(served.connection_keywords) == timedelta()
    move_forward(served.connection_keywords, DAY)
    assert make_movable(served.connection_keywords) == DAY
