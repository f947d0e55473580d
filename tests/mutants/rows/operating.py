"""Mutants of running it for real: agents, secrets, heartbeats, what is kept of people, traces."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

KEPT = "tests/agents/test_agents_kept.py"
STDIO = "tests/agents/test_agents_over_stdio.py"

ROWS = (
    Mutant(
        name="an agent gets strangers' text unmarked",
        file="bot/agents/kept.py",
        old="return bounded(value) if whose is Text.OURS else untrusted(value, whose)",
        new="return bounded(value)",
        tests=(KEPT,),
    ),
    Mutant(
        name="an agent gets strangers' text as long as they like",
        file="bot/agents/kept.py",
        old="return {UNTRUSTED: bounded(text, limit)}",
        new="return {UNTRUSTED: text}",
        tests=(KEPT,),
    ),
    Mutant(
        name="a name that an agent says is taken for a flag",
        file="bot/agents/arguments.py",
        old='*(["--", *names] if names else [])]',
        new="*names]",
        tests=(KEPT,),
    ),
    Mutant(
        name="an agent reads beyond the subscription that its server was given",
        file="bot/agents/server.py",
        old="line = [*words[:first], *sources_of(tool, given), ",
        new="line = [*words[:first], ",
        tests=(STDIO,),
    ),
    Mutant(
        name="what an agent tries out goes into the ledger",
        file="bot/agents/running.py",
        old='chosen = {LEDGER_VARIABLE: "0", ',
        new="chosen = {",
        tests=(STDIO,),
    ),
)
