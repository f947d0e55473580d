"""The table of Azure's refusals for the documentation, made from `REFUSALS`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot.azure.refusals import BY_WORDS, REFUSALS, Refusal

#: Azure's code for many reasons; only the message beside the code says which.
_MANY_REASONS = "OperationNotAllowed"
_FOUND = "…"
TRIED_AGAIN, GIVEN_UP = "tried again", "given up"


class RefusalRow(NamedTuple):
    """One row: Azure's code in lower case, the sentence, and what vmbackup does then."""

    code: str
    sentence: str
    then: str


def rows() -> Iterator[RefusalRow]:
    """Every row that a person may read, in the order of the codes."""
    for code, refusal in sorted(REFUSALS.items()):
        yield _row(code, refusal)
    for _, refusal in BY_WORDS:
        yield _row(_MANY_REASONS.lower(), refusal)


def _row(code: str, refusal: Refusal) -> RefusalRow:
    sentence = refusal.sentence.replace("{found}", _FOUND)
    return RefusalRow(code, sentence, TRIED_AGAIN if refusal.passes else GIVEN_UP)
