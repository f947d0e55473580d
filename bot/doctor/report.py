"""How the doctor's findings are shown: a table for people, a document for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from advisor.words import counted
from bot.doctor.finding import Diagnosis, Examined, Row
from bot.logs import redacted
from bot.settings import Settings

_SECRET = "(secret)"  # noqa: S105 - what stands in its place
_SHORTEST_SECRET = 4
#: A no that fails nothing.
_WARNING = "warn"


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, the database's password alone included."""
    signing = (settings.signing_secret, settings.other_signing_secret)
    fields = (settings.bot_token, settings.app_token, *signing)
    found = [each.get_secret_value() for each in fields if each is not None]
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        found += [url, _password(url)]
    return tuple(sorted((each for each in found if len(each) >= _SHORTEST_SECRET), key=len))[::-1]


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def without(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, and without what looks like a token."""
    for each in secrets:
        text = text.replace(each, _SECRET)
    return redacted(text)


def as_document(examined: Examined, secrets: Iterable[str]) -> dict[str, Any]:
    """For --json: every row, and whether the bot may work."""
    kept = tuple(secrets)
    return {
        "right": not examined.wrong,
        "checks": [_row(row, kept) for row in examined.rows],
    }


def _row(row: Row, secrets: tuple[str, ...]) -> dict[str, Any]:
    finding = row.finding
    return {
        "name": row.check.name,
        "how": row.check.how,
        "needed": row.check.is_needed,
        "answer": str(finding.answer),
        "said": without(finding.said, secrets),
        "to_do": without(finding.to_do, secrets),
        "missing": list(finding.missing),
    }


def as_text(examined: Examined, secrets: Iterable[str], width: int) -> str:
    """For people: the answer, the check, what was found, and below it what to do."""
    kept = tuple(secrets)
    name_width = max((len(row.check.name) for row in examined.rows), default=0)
    lines = [line for row in examined.rows for line in _lines(row, kept, name_width, width)]
    return "\n".join(lines if examined.wrong else [*lines, "", sentence(examined)])


def sentence(examined: Examined) -> str:
    """What it comes to."""
    if not examined.wrong:
        return "Everything that the bot needs is right."
    answers = [row.finding.answer for row in examined.wrong]
    parts = []
    if count := answers.count(Diagnosis.NO):
        parts.append(f"{counted(count, 'thing is', 'things are')} wrong")
    if count := answers.count(Diagnosis.UNKNOWN):
        parts.append(f"{counted(count, 'thing', 'things')} could not be asked")
    return f"{' and '.join(parts)}."


def _lines(row: Row, secrets: tuple[str, ...], name_width: int, width: int) -> Iterator[str]:
    finding = row.finding
    is_warning = finding.answer is Diagnosis.NO and not row.check.is_needed
    answer = _WARNING if is_warning else str(finding.answer)
    lead = f"{answer:<8} {row.check.name:<{name_width}}  "
    indent = " " * len(lead)
    yield from _wrapped(lead, without(finding.said, secrets), indent, width)
    if finding.to_do and finding.answer is not Diagnosis.YES:
        yield from _wrapped(indent, f"To do: {without(finding.to_do, secrets)}", indent, width)


def _wrapped(lead: str, text: str, indent: str, width: int) -> list[str]:
    """Long names stay whole, so that they can be copied."""
    return textwrap.wrap(
        text,
        max(width, len(indent) + 30),
        initial_indent=lead,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead.rstrip()]
