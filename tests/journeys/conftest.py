"""The running systems: one over each transport, started once, without faults for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.journeys.running_system import Played, played


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


def _for_one_test(found: Played) -> Iterator[Played]:
    found.clear()
    yield found
    assert found.changed_nothing()
    found.clear()
