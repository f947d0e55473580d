"""Keeps secrets out of the log: tokens, response addresses and the bodies that hold them."""

from __future__ import annotations

import logging
import re

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
