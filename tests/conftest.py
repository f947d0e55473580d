"""What several suites share: how laws are searched, which tests are quick, where databases lie."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from advisor.errors import DatabaseUnusable
from tests.databases import (
    PROGRAMS,
    SETTINGS,
    Served,
    drop,
    new_database,
    own_server,
    server_on,
)
from tests.places import open_to_others

#: No deadline and no complaint of slowness: both would measure the machine.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
#: On every change: the same examples in every run, so that a failure is the change's and comes
#: again. Shrinking takes minutes; it is done where the failure is looked into.
settings.register_profile(
    "ci",
    settings.get_profile("here"),
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.target],
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")

#: No test asks Azure's price list. Those that ask a played one say so, and name its address.
os.environ["VMBACKUP_OFFLINE"] = "1"
#: No test reads or writes what belongs to whoever runs it; one that keeps something names a folder.
os.environ["VMBACKUP_STATE_DIR"] = "/nonexistent/state-of-the-tests"
os.environ["VMBACKUP_LEDGER"] = "0"

#: Where a test starts the product or the demo as a process of its own.
_WITH_PROCESSES = {
    "alerts",
    "bench",
    "browser",
    "chaos",
    "demo",
    "health",
    "jobs",
    "journeys",
    "rolling",
    "soak",
    "workflow",
}
_DATABASES = {"cluster_made_once", "data_directory", "shared_server"}
#: Copies of the whole product, in which other programs run.
_COPIES = frozenset({"product"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is quick: without a database, without a process, and without a server.

    A test that speaks to a server on loopback is a coroutine; what is computed is not.
    """
    for item in items:
        if isinstance(item, pytest.Function) and _is_quick(item):
            item.add_marker(pytest.mark.quick)


def _is_quick(item: pytest.Function) -> bool:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    has_server = inspect.iscoroutinefunction(item.function)
    needs = {*item.fixturenames}
    return not (has_server or folder in _WITH_PROCESSES or (_DATABASES | _COPIES) & needs)


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """A directory where an embedded database may lie; pytest's own are closed to others."""
    made = open_to_others("vmbackup-test-")
    try:
        yield made
    finally:
        shutil.rmtree(made)


@pytest.fixture(scope="session")
def cluster_made_once() -> Iterator[Path]:
    """Initialised, not running. Skips where this platform has no PostgreSQL programs."""
    from bot.database.embedded.binaries import bundled

    try:
        bundled()
    except DatabaseUnusable as error:
        pytest.skip(str(error))
    home = open_to_others("vmbackup-made-")
    asyncio.run(_started_once(home / "postgresql"))
    with (home / "postgresql" / "postgresql.auto.conf").open("a") as settings:
        settings.write(SETTINGS)
    yield home / "postgresql"
    shutil.rmtree(home)


@pytest.fixture
def directory(cluster_made_once: Path, data_directory: Path) -> Path:
    """A cluster of the test's own that nobody runs, where the bot would look for it."""
    return copied(cluster_made_once, data_directory)


@pytest.fixture(scope="session")
def shared_server(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """How to connect to the server of this process, which ends with all databases on it.

    It is the embedded one, unless VMBACKUP_TEST_POSTGRESQL names other programs.
    """
    home, programs = open_to_others("vmbackup-shared-"), os.environ.get(PROGRAMS)
    if programs:
        serving = own_server(Path(programs), home)
    else:
        serving = server_on(copied(request.getfixturevalue("cluster_made_once"), home))
    with serving as keywords:
        yield keywords
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template(shared_server: Mapping[str, str]) -> Served:
    """A database with the newest schema and the bot's role, of which each test gets a copy."""
    from bot.database.migrating import migrate
    from bot.database.roles import prepared_role

    made = new_database(shared_server)
    migrate(made.connection_keywords)
    prepared_role(made.connection_keywords)
    return made


@pytest.fixture
def served(shared_server: Mapping[str, str], template: Served) -> Iterator[Served]:
    """A database of the test's own, migrated."""
    made = new_database(shared_server, template)
    yield made
    drop(shared_server, made)


@pytest.fixture
def blank(shared_server: Mapping[str, str]) -> Iterator[Served]:
    """An empty database of the test's own."""
    made = new_database(shared_server)
    yield made
    drop(shared_server, made)


def copied(cluster: Path, home: Path) -> Path:
    """A copy with the same owner and modes."""
    copy = home / "postgresql"
    subprocess.run(["cp", "-Rp", cluster, copy], check=True)
    return copy


async def _started_once(directory: Path) -> None:
    from bot.database.embedded import EmbeddedPostgres

    async with EmbeddedPostgres(directory):
        pass
