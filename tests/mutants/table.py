"""The table of mutants: each module of `rows` has those of one subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.mutants.mutant import Mutant
from tests.mutants.rows import (
    approval,
    audience,
    azure,
    backup,
    bill,
    bounding,
    cards,
    database,
    deciding,
    endings,
    files,
    fleet,
    fleet_in_slack,
    inventory,
    judging,
    learning,
    leases,
    measured,
    moving,
    needs,
    operating,
    presenting,
    prices,
    replication,
    running,
    slack,
    snapshots,
    steps,
)

_OF_THE_BOT = (
    *(steps, leases, approval, audience, endings),
    *(database, azure, slack, running, cards, files, operating),
)
_OF_THE_ADVICE = (
    *(needs, inventory, backup, replication, snapshots),
    *(
        prices,
        judging,
        bounding,
        deciding,
        moving,
        presenting,
        bill,
        learning,
        fleet,
        fleet_in_slack,
    ),
    *(measured,),
)

#: The rows by subject; one more subject is one more module and its name here.
MUTANTS: Mapping[str, Sequence[Mutant]] = {
    module.__name__.rpartition(".")[2]: module.ROWS for module in (*_OF_THE_BOT, *_OF_THE_ADVICE)
}


def chosen(words: Sequence[str]) -> list[Mutant]:
    """The rows of these subjects, and those whose names hold one of these words; none: every row.

    Raises ValueError for a word that chooses nothing.
    """
    every = [row for rows in MUTANTS.values() for row in rows]
    if not words:
        return every
    found = [row for word in words for row in _of(word, every)]
    return list(dict.fromkeys(found))


def _of(word: str, every: Sequence[Mutant]) -> Sequence[Mutant]:
    rows = MUTANTS.get(word) or [row for row in every if word.lower() in row.name.lower()]
    if not rows:
        raise ValueError(f"No mutant is called “{word}”, and no subject. --list names them.")
    return rows
