"""Trying again by stamina, which tells of it in the program's log and nowhere else.

By itself stamina writes through structlog where that is installed, on standard output: into the
answer of a command, and past what the bot's log leaves out.
"""

from __future__ import annotations

import logging

from stamina import retry_context
from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

__all__ = ["retry_context"]

set_on_retry_hooks((LoggingOnRetryHook,))
# Without a log of the program Python writes warnings on standard error itself.
logging.getLogger("stamina").addHandler(logging.NullHandler())
