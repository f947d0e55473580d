"""When a running bot looks for garbage: what it loaded is never walked again, what is new often."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Objects made before the youngest are looked through, and how many such looks before the older
#: ones are: Python's own until 3.13 (documentation of `gc.set_threshold`, 2026-11). A request that
#: Azure or Slack broke off leaves an exception, its frames and the frames' answers in a ring. With
#: the threshold of a start (`MADE_BETWEEN_LOOKS` of advisor/collecting.py) 60,000 such
#: objects lay about before they were freed, in a process that has 80,000 (`make soak`, 2026-11-30).
GARBAGE_WHILE_SERVING = (700, 10, 10)


@contextmanager
def loaded_modules_frozen() -> Iterator[None]:
    """The garbage collector, which stops every task, skips the loaded modules in the block.

    What the block makes is collected as often as Python does by itself, whatever counted before;
    afterwards that counts again.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    # A full collection waits until the new objects are a quarter of those that the last one left:
    # the last one must not be that of the modules.
    gc.collect()
    gc.set_threshold(*GARBAGE_WHILE_SERVING)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
