"""What an object holds on to, counted: for tests that something is bounded."""

from __future__ import annotations

import gc
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

#: What belongs to the program and not to the object that uses it.
_PROGRAM = (type, ModuleType, FunctionType)


def held(by: object, which: Callable[[Any], bool]) -> int:
    """How many objects for which `which` is true can be reached from this one."""
    seen, left, found = {id(by)}, [by], 0
    while left:
        for each in gc.get_referents(left.pop()):
            if id(each) not in seen and not isinstance(each, _PROGRAM):
                seen.add(id(each))
                left.append(each)
                found += which(each)
    return found
