"""How many lines of one kind reach the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from running_bot import MovedClock

from bot.logs import Bounded


class Log:
    """A logger of its own with a bounded handler, and the clock that the bound goes by."""

    def __init__(self, most: int) -> None:
        self.clock, self._text = MovedClock(), io.StringIO()
        self.handler = logging.StreamHandler(self._text)
        self.handler.addFilter(Bounded(most, self.clock))
        self.logger = logging.Logger("bounded")
        self.logger.addHandler(self.handler)

    def refuse(self, times: int) -> None:
        for number in range(times):
            self.logger.info("Refused request %d.", number)

    @property
    def lines(self) -> list[str]:
        return self._text.getvalue().splitlines()


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log(3)
    yield made
    made.handler.close()


def test_beyond_the_bound_the_lines_of_a_kind_are_left_out(log: Log) -> None:
    log.refuse(1000)
    assert log.lines == [
        "Refused request 0.",
        "Refused request 1.",
        "Refused request 2. (more lines of this kind are left out in this minute)",
    ]


def test_another_kind_is_written_all_the_same(log: Log) -> None:
    log.refuse(1000)
    log.logger.error("The database is gone.")
    assert log.lines[-1] == "The database is gone."


def test_the_next_minute_says_how_many_lines_were_left_out(log: Log) -> None:
    log.refuse(1000)
    log.clock.now = 60.0
    log.refuse(2)
    assert log.lines[3:] == [
        "Refused request 0. (997 more lines of this kind were left out before it)",
        "Refused request 1.",
    ]


def test_within_the_bound_lines_are_written_as_they_are(log: Log) -> None:
    log.refuse(2)
    assert log.lines == ["Refused request 0.", "Refused request 1."]
