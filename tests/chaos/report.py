"""What a run tried and what it survived, by kind, and the closing line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.evidence import Rule, Violation
from tests.chaos.schedules import Kind, Schedule

#: The rules of what is counted.
COUNTS = (Rule.OFTEN, Rule.BLIND, Rule.EARLY, Rule.POSTED, Rule.UNHELD)
#: Fewer done than this share of those that were approved, and the run proves little.
LEAST_DONE = 0.7


@dataclass(frozen=True)
class Fired:
    """A fault that really happened, and whose it was."""

    kind: Kind
    schedule: int


@dataclass
class Tally:
    """Everything that the run adds up."""

    seed: int
    schedules: list[Schedule] = field(default_factory=list)
    fired: list[Fired] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)  #: by what it is called
    wanted_done: int = 0  #: schedules whose people wanted a snapshot
    got_done: int = 0  #: those of them that are done
    violations: list[Violation] = field(default_factory=list)
    starts: int = 0  #: of bot processes
    ended_by_themselves: int = 0
    longest_rest_seconds: float = 0.0
    audit_rows: int = 0
    made: int = 0
    seconds: float = 0.0

    @property
    def figures(self) -> Counter[Rule]:
        """Schedules with a breach, by rule; a breach of none in particular counts as one."""
        return Counter(rule for rule, _ in {(v.rule, v.schedule) for v in self.violations})

    @property
    def proves_little(self) -> str:
        """Why nothing follows from the figures, or nothing."""
        if self.wanted_done and self.got_done < LEAST_DONE * self.wanted_done:
            return f"only {self.got_done} of {self.wanted_done} that were wanted are done"
        return ""

    @property
    def is_good(self) -> bool:
        return not self.violations and not self.proves_little


def told(tally: Tally) -> str:
    """The report for people; the closing line is its last."""
    lines = [
        f"seed {tally.seed}. A schedule is one request's whole life with its own faults; a kill, a "
        "pause or an outage hits every request alive at that moment and is counted once.",
        "",
        *_by_kind(tally),
        "",
        "requests ended: "
        + (", ".join(f"{count} {state}" for state, count in tally.ends.most_common()) or "none"),
        f"wanted and done: {tally.got_done} of {tally.wanted_done}; {tally.made} made in Azure",
        f"bot processes started {tally.starts} times, ended by themselves "
        f"{tally.ended_by_themselves} times",
        f"longest way to rest after the last fault or click: {tally.longest_rest_seconds:.0f} s",
        _audit(tally),
        "counted: "
        + (", ".join(f"{count:,} {what}" for what, count in tally.counted.items()) or "nothing"),
        "of them: " + ", ".join(f"{tally.figures[rule]} {rule}" for rule in COUNTS),
        f"took {tally.seconds:.0f} s",
        *_breaches(tally),
        closing_line(tally),
    ]
    return "\n".join(lines)


def closing_line(tally: Tally) -> str:
    """The true figures."""
    found = tally.figures
    rules = (Rule.LOST, Rule.DOUBLED, Rule.UNAPPROVED, Rule.STUCK)
    figures = ", ".join(f"{found[rule]} {rule}" for rule in rules)
    return f"chaos: {len(tally.schedules)} schedules, {figures}"


def _by_kind(tally: Tally) -> Sequence[str]:
    bad = {violation.schedule for violation in tally.violations}
    tried = Counter(fired.kind for fired in tally.fired)
    survived = Counter(fired.kind for fired in tally.fired if fired.schedule not in bad)
    lines = [f"{'what went wrong':<44}{'tried':>7}{'survived':>10}"]
    return lines + [f"{kind:<44}{tried[kind]:>7}{survived[kind]:>10}" for kind in Kind]


def _audit(tally: Tally) -> str:
    broken = [each.sentence for each in tally.violations if each.rule is Rule.BROKEN]
    state = "BROKEN" if broken else "whole"
    return f"audit chain: {state}, {tally.audit_rows:,} entries"


def breaches_of(tally: Tally) -> list[str]:
    """A line for each."""
    return [f"schedule {each.schedule}: {each.rule}: {each.sentence}" for each in tally.violations]


def _breaches(tally: Tally) -> Sequence[str]:
    lines = breaches_of(tally)
    if tally.proves_little:
        lines.append(f"This run proves little: {tally.proves_little}.")
    if lines:
        lines.append(f"The same again: make chaos ARGS='--seed {tally.seed}'")
    return ["", *lines] if lines else [""]
