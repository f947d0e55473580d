"""The running systems: one over each transport, started once, without faults for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TypeVar

import pytest
import pytest_asyncio

from tests.databases import Served, new_database
from tests.journeys.nothing_rendered import rendered
from tests.journeys.requesting_system import Requesting, requesting
from tests.journeys.running_system import Played, played

AnyPlayed = TypeVar("AnyPlayed", bound=Played)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def over_sockets() -> AsyncIterator[Played]:
    async with played() as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def over_http() -> AsyncIterator[Played]:
    async with played(http=True) as found:
        yield found


@pytest.fixture
def place(over_sockets: Played) -> Iterator[Played]:
    """The system over Socket Mode."""
    yield from _for_one_test(over_sockets)


@pytest.fixture
def http(over_http: Played) -> Iterator[Played]:
    """The system over HTTP."""
    yield from _for_one_test(over_http)


@pytest.fixture(params=["Socket Mode", "HTTP"])
def either(request: pytest.FixtureRequest) -> Iterator[Played]:
    """Each transport in turn."""
    name = "over_http" if request.param == "HTTP" else "over_sockets"
    yield from _for_one_test(request.getfixturevalue(name))


# --- where requests are made -----------------------------------------------------------------


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def requests_over_sockets(
    shared_server: Mapping[str, str], template: Served
) -> AsyncIterator[Requesting]:
    async with requesting(new_database(shared_server, template).url) as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def requests_over_http(
    shared_server: Mapping[str, str], template: Served
) -> AsyncIterator[Requesting]:
    async with requesting(new_database(shared_server, template).url, http=True) as found:
        yield found


@pytest.fixture
def desk(requests_over_sockets: Requesting) -> Iterator[Requesting]:
    """Where requests are made, over Socket Mode; the test may change Azure."""
    yield from _for_one_change(requests_over_sockets)


@pytest.fixture(params=["Socket Mode", "HTTP"])
def either_desk(request: pytest.FixtureRequest) -> Iterator[Requesting]:
    """The same over each transport in turn."""
    name = "requests_over_http" if request.param == "HTTP" else "requests_over_sockets"
    yield from _for_one_change(request.getfixturevalue(name))


@pytest.fixture
def quiet(requests_over_sockets: Requesting) -> Iterator[Requesting]:
    """Where requests are made, over Socket Mode; nothing in Azure may change."""
    yield from _for_one_test(requests_over_sockets)
    assert rendered(requests_over_sockets.slack) == []


@pytest.fixture(params=["Socket Mode", "HTTP"])
def either_quiet(request: pytest.FixtureRequest) -> Iterator[Requesting]:
    """The same over each transport in turn."""
    name = "requests_over_http" if request.param == "HTTP" else "requests_over_sockets"
    found = request.getfixturevalue(name)
    yield from _for_one_test(found)
    assert rendered(found.slack) == []


def _for_one_change(found: Requesting) -> Iterator[Requesting]:
    found.clear()
    yield found
    assert rendered(found.slack) == []
    found.clear()


def _for_one_test(found: AnyPlayed) -> Iterator[AnyPlayed]:
    found.clear()
    yield found
    assert found.changed_nothing()
    found.clear()
