"""Tools that die after their n-th call: it was done, and nobody knows."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any


class Died(BaseException):
    """The process is gone: no handler of the product's may see this and go on."""


@dataclass
class Fuse:
    """Burns once: after the n-th call. That is before the next one, too."""

    moments: int
    passed: int = 0

    def burn(self) -> None:
        self.passed += 1
        if self.passed == self.moments:
            raise Died(f"at moment {self.passed}")

    @property
    def has_burnt(self) -> bool:
        return self.passed >= self.moments


class Breaking:
    """Something whose calls count; everything else is as it is."""

    def __init__(self, thing: Any, fuse: Fuse) -> None:
        self._thing, self._fuse = thing, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            result = await found(*arguments, **named)
            self._fuse.burn()
            return result

        return call
