"""One running bot for the alerts that a single process shows."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.azure.graph.quota import QUERIES_A_WINDOW, Quota
from tests.alerts.alarmed_bot import save_prices
from tests.databases import Served, new_database
from tests.health.probed_bot import Probed, probed
from tests.places import open_to_others


@pytest.fixture(scope="session")
def bots_folder() -> Iterator[Path]:
    """Where the shared bot keeps its prices."""
    folder = open_to_others("vmbackup-alerts-")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def bot(
    shared_server: Mapping[str, str], template: Served, bots_folder: Path
) -> AsyncIterator[Probed]:
    """Listener and worker in one process, with prices of today."""
    save_prices(bots_folder, timedelta(0))
    async with probed(bots_folder, new_database(shared_server, template)) as found:
        await found.ready()
        found.slack.workspace.is_rate_limited = False
        found.azure.world.part(Quota).most = QUERIES_A_WINDOW * 1000  # only faults throttle
        yield found
