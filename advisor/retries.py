"""Where the retries of stamina are told: in the program's log, and never on a terminal."""

from __future__ import annotations


def retries_to_the_log() -> None:
    """Notes on retries go to the standard log alone, which may have no handler.

    stamina else tells them through structlog wherever that is installed, which prints.
    """
    import logging  # 4 ms that an answer without a retry does not pay

    from stamina.instrumentation import LoggingOnRetryHook, set_on_retry_hooks

    set_on_retry_hooks([LoggingOnRetryHook])
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
