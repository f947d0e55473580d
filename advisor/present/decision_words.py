"""The decision in sentences, the same for the terminal, a ticket and a card."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.model import Advice, Decision, Gap, Verdict
from advisor.options.descriptions import option_names
from advisor.words import listed, sentence


def what_to_do(decision: Decision) -> tuple[str, ...]:
    """The steps, and up to where they hold while a price is missing."""
    bound = (decision.bound,) if decision.bound else ()
    return tuple(sentence(text) for text in (*decision.todo, *bound))


def on_condition(decision: Decision) -> tuple[str, ...]:
    """What must hold for the need to be met."""
    return tuple(sentence(f"The need is met if {clause}") for clause in decision.conditions)


def left_out(decision: Decision) -> tuple[str, ...]:
    """The disks that no recovery point would hold, and what of the need stays unmet."""
    said = [_gap(gap) for gap in decision.gaps]
    return (*said, *(sentence(text) for text in decision.unmet))


def _gap(gap: Gap) -> str:
    size = f"{gap.size_gib} GB" if gap.size_gib is not None else "size not known"
    events = listed(event.value for event in gap.events)
    return f"No recovery point holds {gap.disk} ({size}): {events}."


def also_possible(decision: Decision) -> tuple[str, ...]:
    return tuple(sentence(each.sentence) for each in decision.alternatives)


def no_way_back(decision: Decision) -> tuple[str, ...]:
    return tuple(sentence(text) for text in decision.irreversible)


def undecided(advice: Advice) -> tuple[str, ...]:
    """Rules about the decided plan that could not be decided, for want of what they look at."""
    return tuple(dict.fromkeys(_undecided(advice)))


def _undecided(advice: Advice) -> Iterator[str]:
    plan = advice.decision.plan
    for part in plan.parts if plan else ():
        for reason in part.proposal.reasons:
            if reason.verdict is Verdict.UNKNOWN and reason.blocking:
                yield f"{option_names((part.option,))}: {sentence(reason.text)}"
