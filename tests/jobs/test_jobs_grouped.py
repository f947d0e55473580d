"""Grouped writes: one transaction for all that came together, each hears of its own fate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from advisor.errors import DatabaseUnreachable
from bot.jobs.grouped import MOST_AT_ONCE, NOT_TAKEN, PERHAPS_TAKEN, Gathered, Grouped
from bot.requests.model import Click, ClickKind


class Store:
    """Writes groups, notes them, and takes its time or goes away."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.is_away = seconds, False
        self.groups: list[Sequence[str]] = []
        self.pressed: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def ask(self, asks: Sequence[str]) -> Sequence[str]:
        if self.is_away:
            raise DatabaseUnreachable("The database “vmbackup” at db.example.com does not answer.")
        await asyncio.sleep(self.seconds)
        await self.goes_on.wait()
        if any("\x00" in each for each in asks):
            raise ValueError("a text cannot contain NUL (0x00) bytes")
        self.groups.append(asks)
        return [f"took {each}" for each in asks]

    async def press(self, clicks: Sequence[Click]) -> Sequence[bool]:
        fresh = [click.id not in self.pressed for click in clicks]
        self.pressed += [click.id for click in clicks]
        return fresh


async def test_what_comes_while_a_group_is_written_is_the_next_group() -> None:
    store = Store(seconds=0.01)
    grouped: Gathered[str, str] = Gathered(store.ask)
    first = asyncio.create_task(grouped.put("a"))
    await asyncio.sleep(0.005)
    answers = await asyncio.gather(first, *(grouped.put(each) for each in "bcd"))
    assert answers == ["took a", "took b", "took c", "took d"]
    assert store.groups == [["a"], ["b", "c", "d"]]


async def test_those_that_come_at_once_are_one_group() -> None:
    store = Store()
    grouped: Gathered[str, str] = Gathered(store.ask)
    await asyncio.gather(*(grouped.put(str(number)) for number in range(200)))
    assert len(store.groups) == 1


async def test_a_flood_is_written_in_groups_of_a_bounded_size() -> None:
    store = Store()
    grouped: Gathered[str, str] = Gathered(store.ask)
    await asyncio.gather(*(grouped.put(str(number)) for number in range(MOST_AT_ONCE + 1)))
    assert [len(group) for group in store.groups] == [MOST_AT_ONCE, 1]


async def test_one_that_cannot_be_written_spoils_nothing_for_the_others() -> None:
    grouped: Gathered[str, str] = Gathered(Store().ask)
    answers = await asyncio.gather(
        *(grouped.put(each) for each in ("a", "b\x00", "c")), return_exceptions=True
    )
    assert [answers[0], answers[2]] == ["took a", "took c"]
    assert isinstance(answers[1], ValueError)


async def test_a_database_that_is_away_refuses_all_at_once_without_its_address() -> None:
    store = Store()
    store.is_away = True
    grouped: Gathered[str, str] = Gathered(store.ask)
    answers = await asyncio.gather(
        *(grouped.put(str(number)) for number in range(50)), return_exceptions=True
    )
    assert {str(answer) for answer in answers} == {PERHAPS_TAKEN}
    store.is_away = False
    assert await grouped.put("again") == "took again"


async def test_a_database_that_hangs_is_refused_in_time_and_what_was_not_begun_is_taken_back() -> (
    None
):
    store = Store()
    store.goes_on.clear()
    grouped: Gathered[str, str] = Gathered(store.ask, patience_seconds=1.0)
    first = asyncio.create_task(grouped.put("begun"))
    await asyncio.sleep(0.5)  # so much of its patience is left when the first is refused
    second = asyncio.create_task(grouped.put("behind it"))
    with pytest.raises(DatabaseUnreachable, match="most likely not taken"):
        await first
    store.goes_on.set()
    assert await second == "took behind it"
    assert store.groups == [["behind it"]]


async def test_what_never_had_its_turn_is_surely_not_taken() -> None:
    """Its group would be written after the caller was told no."""

    class Slow(Store):
        async def ask(self, asks: Sequence[str]) -> Sequence[str]:
            try:
                return await super().ask(asks)
            except asyncio.CancelledError:
                await asyncio.sleep(0.3)  # as a connection that is slow to give up
                raise

    store = Slow()
    store.goes_on.clear()
    grouped: Gathered[str, str] = Gathered(store.ask, patience_seconds=0.1)
    first = asyncio.create_task(grouped.put("begun"))
    await asyncio.sleep(0.01)
    with pytest.raises(DatabaseUnreachable) as caught:
        await grouped.put("behind it")
    assert str(caught.value) == NOT_TAKEN
    store.goes_on.set()
    with pytest.raises(DatabaseUnreachable) as caught:
        await first
    assert str(caught.value) == PERHAPS_TAKEN
    await asyncio.sleep(0.4)
    assert store.groups == []


async def test_a_click_that_was_pressed_before_is_told_so() -> None:
    click = Click(
        id="c-1",
        kind=ClickKind.APPROVE,
        button="b",
        team_id="T1",
        user_id="U1",
        user_name="ada",
        channel_id="C1",
        message_ts="1.2",
    )
    grouped = Grouped(Store())  # type: ignore[arg-type]  # its asks are texts
    assert await grouped.press(click)
    assert not await grouped.press(click)
