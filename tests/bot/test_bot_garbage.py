"""A bot that serves for days leaves no more garbage lying about than Python does by itself."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator

import pytest

from advisor.collecting import MADE_BETWEEN_LOOKS
from bot.garbage import loaded_modules_frozen

#: As many rings are made, and so many of the newest are in use while a collection goes by.
ROUNDS, IN_USE = 200_000, 1_000


class Ring:
    """What only the collector can free, as an exception is that its own frame holds."""

    alive = 0

    def __init__(self) -> None:
        self.itself, self.answer = self, ["an answer of Azure"]
        Ring.alive += 1

    def __del__(self) -> None:
        Ring.alive -= 1


@pytest.fixture
def as_started() -> Iterator[None]:
    """The collector as the program's start sets it."""
    before = gc.get_threshold()
    gc.set_threshold(MADE_BETWEEN_LOOKS)
    yield
    gc.set_threshold(*before)


def _most_alive() -> int:
    in_use: deque[Ring] = deque(maxlen=IN_USE)
    most = 0
    for _ in range(ROUNDS):
        in_use.append(Ring())
        most = max(most, Ring.alive)
    return most


@pytest.mark.usefixtures("as_started")
def test_what_failed_requests_leave_is_freed_long_before_it_adds_up() -> None:
    with loaded_modules_frozen():
        assert _most_alive() < ROUNDS // 10


@pytest.mark.usefixtures("as_started")
def test_after_serving_the_collector_is_as_the_start_set_it() -> None:
    with loaded_modules_frozen():
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == MADE_BETWEEN_LOOKS
    assert gc.get_freeze_count() == 0
