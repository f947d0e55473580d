"""A loop that hangs is told from one that pauses; a part that cannot be asked is not ready."""

from __future__ import annotations

import asyncio

import pytest

from advisor.errors import DatabaseUnreachable
from bot.health.health import LOOP_SECONDS, ProcessHealth
from bot.settings import Settings


class MovableClock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def ready() -> str:
    return ""


def test_a_loop_lives_as_long_as_it_goes_round() -> None:
    clock = MovableClock()
    health = ProcessHealth(clock)
    beat = health.loop("sweep")
    health.loop("other")
    clock.now = LOOP_SECONDS - 1
    assert health.hanging() == {}
    beat()
    clock.now = LOOP_SECONDS + 1
    assert health.hanging() == {"other": LOOP_SECONDS + 1}


async def test_before_there_is_any_part_the_bot_starts() -> None:
    assert await ProcessHealth().not_ready() == {"start": "the bot is starting"}


async def test_a_part_that_starts_is_not_ready_until_it_is_there() -> None:
    health = ProcessHealth()
    health.part("database", ready)
    health.part_that_starts("worker")
    assert await health.not_ready() == {"worker": "the bot is starting"}
    health.part("worker", ready)
    assert await health.not_ready() == {}


async def test_a_part_that_is_added_while_others_are_asked_is_asked_next_time() -> None:
    health = ProcessHealth()

    async def away() -> str:
        return "it is away"

    async def adds_another() -> str:
        health.part("slack", away)
        return ""

    health.part("worker", adds_another)
    assert await health.not_ready() == {}
    assert await health.not_ready() == {"slack": "it is away"}


async def test_each_part_that_is_not_ready_is_named_with_its_reason() -> None:
    async def away() -> str:
        raise DatabaseUnreachable("The database does not answer.")

    async def broken() -> str:
        raise RuntimeError("secret")

    async def silent() -> str:
        await asyncio.sleep(3600)
        return ""

    health = ProcessHealth()
    for name, part in (("a", ready), ("b", away), ("c", broken), ("d", silent)):
        health.part(name, part)
    assert await health.not_ready() == {
        "b": "The database does not answer.",
        "c": "RuntimeError",
        "d": "no answer within 3 s",
    }


@pytest.mark.parametrize("address", ["8081", "0.0.0.0", "host:port", "0.0.0.0:99999"])
def test_an_address_of_probes_without_host_and_port_is_refused(address: str) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1"}
    with pytest.raises(ValueError, match=r"Write it like 0\.0\.0\.0:8081"):
        Settings.model_validate({**given, "VMBACKUP_HEALTH_ADDRESS": address})
    kept = Settings.model_validate({**given, "VMBACKUP_HEALTH_ADDRESS": "[::1]:8081"})
    assert kept.health_host_and_port == ("::1", 8081)
