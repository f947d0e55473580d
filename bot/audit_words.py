"""The rows of the audit in words and names; their raw values are printed with `--json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from advisor.words import duration, listed
from bot.database.audit import AuditRow
from bot.database.audit_comparison import STANDING
from bot.requests.moments import moment_words

_HASH_DIGITS = 12
_HASH = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
#: A timedelta as pydantic writes it (ISO 8601), and as `str` does.
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
#: Keys of the details whose own name says too little or is spelt otherwise.
_LABELS = {
    "vm": "VM",
    "of": "of request",
    "of_request": "of request",
    "plan": "plan hash",
    "limit": "cost counted by rules",
    "points": "points",
    "keep": "kept for",
    "to_region": "to region",
    "made": "made",
    "left": "left in Azure",
    "unique_id": "unique id",
    "time_created": "created",
    "why_allowed": "allowed because",
}
#: What `verify` compares, and what no reader asks for.
_LEFT_OUT = frozenset({STANDING, "currency"})


def who_words(row: AuditRow, names: Mapping[str, str]) -> str:
    """`Grace (U02GRACE)`: the name is for reading, the id says who it is."""
    if not row.who:
        return "vmbackup"
    name = names.get(row.who, "")
    return f"{name} ({row.who})" if name else row.who


def detail_lines(row: AuditRow, names: Mapping[str, str]) -> Iterator[str]:
    """A line for each detail that says something."""
    currency = str(row.detail.get("currency") or "")
    for key, value in row.detail.items():
        if key in _LEFT_OUT or value in (None, "", [], {}, False):
            continue
        label = _LABELS.get(key, key.replace("_", " "))
        if value is True:
            yield label
            continue
        said = _said(value, names)
        yield f"{label}: {said} {currency}" if key == "limit" and currency else f"{label}: {said}"


def as_json(row: AuditRow) -> dict[str, Any]:
    """The row as it is stored and hashed."""
    return {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "request_id": row.request_id,
        "kind": row.kind,
        "who": row.who,
        "detail": row.detail,
        "previous": row.previous,
        "hash": row.hash,
    }


def _said(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return "; ".join(
            f"{_said(key, names)}: {_said(each, names)}" for key, each in value.items()
        )
    if isinstance(value, list | tuple):
        return listed(_said(each, names) for each in value)
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _text_said(value, names)


def _text_said(text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return f"{names[text]} ({text})"
    if text.startswith("/subscriptions/"):
        return text.rstrip("/").rpartition("/")[2]
    if _HASH.fullmatch(text):
        return text[:_HASH_DIGITS]
    if _MOMENT.match(text):
        return _moment_said(text)
    found = _ISO_DURATION.fullmatch(text)
    if found and any(found.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return duration(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    return text


def _moment_said(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment_words(at if at.tzinfo else at.replace(tzinfo=UTC))
