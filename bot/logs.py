"""The log: without secrets, and with so many lines of one kind a minute.

A kind is a place in the code. Whoever reaches the port can bring about lines at will; without a
bound they fill the disk, and the database that lies on it stops.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

LINES_A_MINUTE = 60
#: More places than this project and its libraries log from; beyond it all are counted anew.
_MOST_KINDS = 1000
_MINUTE_SECONDS = 60.0

Kind = tuple[str, str, int]

_SECRETS = (
    (re.compile(r"\bx(?:ox[a-z]|app|oxe\.xox[a-z])-[\w.-]+"), "(token)"),
    (re.compile(r"https?(?::|%3A)(?:/|%2F){2}hooks\.[^\s\"'&,}]+"), "(response address)"),
    (re.compile(r"([\"']?(?:token|trigger_id)[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,}]+"), r"\1(secret)"),
)
#: Bolt writes the whole body after this when a signature is wrong (request_verification.py).
_REFUSED_BODY = re.compile(r"(Invalid request signature detected).*", re.DOTALL)


class Redacting(logging.Filter):
    """Removes the secrets from a record before any handler gets it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: records are cleaned, not dropped."""
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True


class Misleading(logging.Filter):
    """Drops Bolt's warning that SLACK_BOT_TOKEN is set and its client has a token, too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for that one warning."""
        return not record.getMessage().startswith("As you gave `client` as well")


def redacted(text: str) -> str:
    """The text with every secret replaced by its kind in brackets."""
    text = _REFUSED_BODY.sub(r"\1", text)
    for pattern, name in _SECRETS:
        text = pattern.sub(name, text)
    return text


def slack_logger() -> logging.Logger:
    """The logger that Bolt and Slack's SDK write to; Bolt copies its filters to its own."""
    logger = logging.getLogger("bot.slack_sdk")
    if not logger.filters:
        logger.addFilter(Misleading())
        logger.addFilter(Redacting())
    logger.setLevel(logging.getLogger().getEffectiveLevel())
    return logger


@dataclass(slots=True)
class _Minute:
    """The lines of one kind since `began`; `left_out` are those that were not written."""

    began: float
    written: int = 0
    left_out: int = 0


class Bounded(logging.Filter):
    """Passes at most `most` records of one kind a minute; the next one says how many it left out.

    It belongs on a handler, where it sees the records of every logger.
    """

    def __init__(
        self, most: int = LINES_A_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._most, self._clock = most, clock
        self._minutes: dict[Kind, _Minute] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a record beyond the bound."""
        minute, left_out_before = self._minute_of((record.name, record.pathname, record.lineno))
        if minute.written >= self._most:
            minute.left_out += 1
            return False
        minute.written += 1
        if left_out_before:
            _append(record, f"{left_out_before} more lines of this kind were left out before it")
        if minute.written == self._most:
            _append(record, "more lines of this kind are left out in this minute")
        return True

    def _minute_of(self, kind: Kind) -> tuple[_Minute, int]:
        """The minute that counts for the kind, and what the one before it left out."""
        now, minute = self._clock(), self._minutes.get(kind)
        if minute is not None and now - minute.began < _MINUTE_SECONDS:
            return minute, 0
        if len(self._minutes) >= _MOST_KINDS:
            self._minutes.clear()
        begun = self._minutes[kind] = _Minute(began=now)
        return begun, minute.left_out if minute else 0


def _append(record: logging.LogRecord, note: str) -> None:
    record.msg, record.args = f"{record.getMessage()} ({note})", None


def log_to_stderr() -> None:
    """Write the log of this process to its standard error, within the bounds."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Redacting())
        handler.addFilter(Bounded())
    logging.getLogger("azure").setLevel(logging.WARNING)  # it logs every request


def log_as_json() -> None:
    """From now on each line is a JSON object: timestamp, level, logger, event, and an exception.

    structlog (MIT or Apache-2.0) renders what the standard library's loggers are given.
    """
    import structlog

    shown: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shown,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redact_exception,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)


def _redact_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback is rendered after the filters have seen the record."""
    if isinstance(event.get("exception"), str):
        event["exception"] = redacted(event["exception"])
    return event
