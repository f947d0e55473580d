"""What strangers at the port bring about in the bot's process, and what is answered all the same.

The process may open few descriptors, as in a small container, and its log is what it really wrote
to its standard error. The bot has no page for health: a probe asks what Slack asks, the check of
the certificate.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import pytest
import pytest_asyncio

from bot.logs import LINES_A_MINUTE
from deploy.local.bot_process import HOST
from deploy.local.slack.http_delivery import signed_headers
from tests.journeys.running_system import Played, played

pytestmark = pytest.mark.asyncio(loop_scope="session")
resource = pytest.importorskip("resource", reason="this platform has no limit of descriptors")

Brought = TypeVar("Brought")

DESCRIPTORS = 256
HALF_OPEN, AT_ONCE = 1100, 100
FLOOD = 300  #: of each kind
HEAD = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\n"
#: Nothing, half the headers, half the body.
UNFINISHED = (b"", HEAD, HEAD + b"Content-Length: 50\r\n\r\nabc")
MALFORMED = (b"GET / HTTP/9.9\r\n\r\n", HEAD + b"Content-Length: abc\r\n\r\n")
EVENT = b'{"type":"event_callback","event":[]}'
STARTED = time.monotonic()
LEFT_OUT = "more lines of this kind are left out in this minute"
FLOODED = {"INFO Answered # to malformed HTTP.", "INFO Answered # to a request from outside"}
JSON = {"Content-Type": "application/json"}
#: `2026-08-01 10:00:00,123 INFO `, and what else differs between lines of one kind.
STAMP, NUMBERS = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ "), re.compile(r"\d+")
NOTE = re.compile(r" \([^()]* of this kind [^()]*\)")


@contextmanager
def few_descriptors() -> Iterator[None]:
    """What is started within the block may open so many, as under `ulimit -n`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small() -> AsyncIterator[Played]:
    """The system over HTTP, whose bot may open few descriptors."""
    system = played(http=True)
    with few_descriptors():
        place = await system.__aenter__()
    try:
        yield place
    finally:
        await system.__aexit__(None, None, None)


class Strangers:
    """Open connections to the bot's port, and finish nothing."""

    def __init__(self, place: Played) -> None:
        self._port = int(place.slack.request_url.split("/")[2].partition(":")[2])
        self.url = place.slack.request_url
        self._open: list[asyncio.StreamWriter] = []

    async def opened(self, sent: bytes) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        self._open.append(writer)
        writer.write(sent)
        return reader

    async def malformed(self, sent: bytes) -> bytes:
        """The first line of the answer."""
        reader, writer = await asyncio.open_connection(HOST, self._port)
        writer.write(sent)
        try:
            return await reader.readline()
        finally:
            writer.close()

    def leave(self) -> int:
        """How many connections were opened."""
        for writer in self._open:
            writer.close()
        return len(self._open)


async def many(count: int, once: Callable[[int], Awaitable[Brought]]) -> list[Brought]:
    """So many times, some at once; what each brought."""
    found: list[Brought] = []
    for begin in range(0, count, AT_ONCE):
        found += await asyncio.gather(*map(once, range(begin, min(count, begin + AT_ONCE))))
    return found


async def is_ready(url: str) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{url}?ssl_check=1") as answer:
        return answer.status == 200


async def commanded(place: Played) -> str:
    """What is shown at once for a signed `/vmbackup help`; it needs no Azure, which is played here
    by the very loop that plays the strangers."""
    form = {"command": "/vmbackup", "text": "help", "team_id": "T0VMBACKUP", "user_id": "U01ADA"}
    raw = urlencode(form | {"channel_id": "C01OPS", "trigger_id": secrets.token_hex(8)}).encode()
    signed = signed_headers(place.slack.signing_secret.encode(), raw, str(int(time.time())))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(place.slack.request_url, data=raw, headers=signed | kind) as answer,
    ):
        return await answer.text() if answer.status == 200 else f"status {answer.status}"


async def test_a_command_is_answered_beside_more_half_open_connections_than_descriptors(
    small: Played,
) -> None:
    _needs_descriptors()
    strangers = Strangers(small)
    flood = asyncio.create_task(
        many(HALF_OPEN, lambda number: strangers.opened(UNFINISHED[number % len(UNFINISHED)]))
    )
    assert "/vmbackup advise" in await commanded(small)
    assert await is_ready(strangers.url)
    await flood
    assert "/vmbackup advise" in await commanded(small)
    assert await is_ready(strangers.url)
    assert strangers.leave() == HALF_OPEN
    assert small.bot.process_id is not None
    assert "Too many open files" not in small.log()
    assert "Traceback" not in small.log()


async def test_under_a_flood_of_what_is_malformed_the_log_has_so_many_lines_of_a_kind_a_minute(
    small: Played,
) -> None:
    strangers, secret = Strangers(small), small.slack.signing_secret.encode()
    async with aiohttp.ClientSession() as session:

        async def posted(number: int, *, is_signed: bool) -> int:
            raw = EVENT + b" " * number  # no two are the same, or the later are replays
            signed = signed_headers(secret, raw, str(int(time.time()))) if is_signed else {}
            async with session.post(strangers.url, data=raw, headers=signed | JSON) as answer:
                return answer.status

        answers = await many(FLOOD, lambda number: strangers.malformed(MALFORMED[number % 2]))
        assert {*await many(FLOOD, lambda number: posted(number, is_signed=True))} == {400}
        assert {*await many(FLOOD, lambda number: posted(number, is_signed=False))} == {401}
    assert {answer.split()[1] for answer in answers} == {b"400"}
    assert "/vmbackup advise" in await commanded(small)
    minutes = int((time.monotonic() - STARTED) // 60) + 1  # the process may be younger
    lines = [line for line in small.log().splitlines() if STAMP.match(line)]
    assert max(Counter(map(_kind, lines)).values()) <= LINES_A_MINUTE * minutes
    assert {_kind(line) for line in lines if LEFT_OUT in line} >= FLOODED
    assert "Traceback" not in small.log()


def _kind(line: str) -> str:
    """What every line of one place in the code begins with."""
    return NUMBERS.sub("#", NOTE.sub("", STAMP.sub("", line))).partition(":")[0]


def _needs_descriptors() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < HALF_OPEN + 200:
        pytest.skip(f"this process may open {soft} descriptors: too few for so many connections")
