"""docs/judgement.md: every situation with what is decided about it, made from the product."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from functools import lru_cache

from advisor.advising import advise_known
from advisor.cli.parameters import parse_asked
from advisor.model import Advice
from advisor.needs import Tiers
from tests.judgement import protected, unprotected
from tests.judgement.machines import Situation
from tests.strategies import NOW, book

HEAD = """# Judgement

What vmbackup decides about VMs as real shops have them, so that an engineer can disagree with a
line. Each row is a test (`tests/judgement`); the page is made by `make docs`. An empty command
is `vmbackup advise web-01` alone. *Meets* says whether the need is met once the decision is
carried out. How a decision is made is told in [architecture.md](architecture.md).
"""

PARTS: Sequence[tuple[str, Sequence[Situation]]] = (
    ("Small needs", unprotected.SMALL_NEEDS),
    ("Production", unprotected.PRODUCTION_NEEDS),
    ("Mission-critical", unprotected.CRITICAL_NEEDS),
    ("What no option gives", unprotected.IMPOSSIBLE),
    ("Something runs and is kept", protected.KEPT),
    ("Something runs and is adjusted in place", protected.ADJUSTED),
    ("Something is right and does not run", protected.MENDED),
    ("More, less, or not to be told", protected.CHANGED),
)


@lru_cache(maxsize=256)
def _advice(name: str) -> Advice:
    [situation] = [each for _, part in PARTS for each in part if each.name == name]
    asked = parse_asked(["web-01", *shlex.split(situation.flags)])
    return advise_known(situation.vm, asked, Tiers(), book(), NOW)


def advice_on(situation: Situation) -> Advice:
    """The advice on one situation, worked out once."""
    return _advice(situation.name)


def judgement_page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_parts()]) + "\n"


def _parts() -> Iterator[str]:
    for title, situations in PARTS:
        yield f"## {title}\n"
        yield "| Situation | Flags | Action | Meets | What it says | Why |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(each) for each in situations)
        yield ""


def _row(situation: Situation) -> str:
    decision = advice_on(situation).decision
    flags = f"`{situation.flags}`" if situation.flags else ""
    action = " and ".join(course.value for course in decision.courses)
    cells = (
        situation.name,
        flags,
        action,
        decision.meets.value,
        decision.sentence,
        situation.why,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
