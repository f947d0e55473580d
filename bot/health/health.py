"""What a process knows of its own health: the loops that go round, the parts that are ready."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from advisor.errors import VmbackupError
from bot import metrics

_log = logging.getLogger(__name__)

#: A loop does one thing for half a minute at most, and pauses for a minute at most: beyond this
#: it hangs, and only a new process helps.
LOOP_SECONDS = 150.0
#: A part that does not answer within this is not ready; a probe waits longer.
PART_SECONDS = 3.0

#: Says why a part is not ready; empty where it is.
Part = Callable[[], Awaitable[str]]
STARTING = "the bot is starting"


async def _starts() -> str:
    return STARTING


class ProcessHealth:
    """Loops tell that they went round (`beat`); parts are asked whether they are ready."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, longest_seconds: float = LOOP_SECONDS
    ) -> None:
        """A loop that has not gone round for `longest_seconds` hangs."""
        self._clock, self._longest_seconds = clock, longest_seconds
        self._beats: dict[str, float] = {}
        self._parts: dict[str, Part] = {}
        self._was_ready = False

    def loop(self, name: str) -> Callable[[], None]:
        """What the loop calls each time that it goes round; its first round begins now."""

        def beat() -> None:
            self._beats[name] = self._clock()

        beat()
        return beat

    def part(self, name: str, ready: Part) -> None:
        """Add a part without which the process is not ready."""
        self._parts[name] = ready

    def part_that_starts(self, name: str) -> None:
        """Add a part that is not there yet: until `part` tells more of it, nothing is ready."""
        self._parts[name] = _starts

    def hanging(self) -> Mapping[str, float]:
        """The loops that hang, with the seconds since they went round."""
        now = self._clock()
        ages = {name: now - at for name, at in self._beats.items()}
        for name, age in ages.items():
            metrics.LOOP_AGE.labels(name).set(age)
        return {name: age for name, age in ages.items() if age > self._longest_seconds}

    async def not_ready(self) -> Mapping[str, str]:
        """The parts that are not ready, with why, and the loops that hang.

        Before there is any part the bot starts.
        """
        if not self._parts:
            return {"start": STARTING}
        parts = dict(self._parts)  # another may be added while these are asked
        answers = await asyncio.gather(*(self._ask(part) for part in parts.values()))
        found = {name: why for name, why in zip(parts, answers, strict=True) if why}
        for name in parts:
            metrics.READY.labels(name).set(name not in found)
        for name, age in self.hanging().items():
            found[f"loop {name}"] = f"it has not gone round for {age:.0f} s"
        self._tell(found)
        return found

    async def _ask(self, part: Part) -> str:
        try:
            async with asyncio.timeout(PART_SECONDS):
                return await part()
        except TimeoutError:
            return f"no answer within {PART_SECONDS:.0f} s"
        except VmbackupError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001  the boundary: a probe gets an answer
            _log.exception("Whether a part is ready could not be asked.")
            return type(error).__name__

    def _tell(self, found: Mapping[str, str]) -> None:
        if self._was_ready and found:
            whys = "; ".join(f"{name}: {why}" for name, why in found.items())
            _log.warning("Not ready any more: %s", whys)
        self._was_ready = not found
