"""Mutants of running it for real: agents, secrets, heartbeats, what is kept of people, traces."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

KEPT = "tests/agents/test_agents_kept.py"
QUEUE_BEAT = "tests/jobs/test_jobs_heartbeats.py"
SENDER_BEAT = "tests/slack/test_bot_slack_heartbeat.py"
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
    Mutant(
        name="a worker whose queue stands still counts as alive",
        file="bot/jobs/worker_loop.py",
        old="queue_app(self._carry_on, self._judge, self._may_act, self._beat)",
        new="queue_app(self._carry_on, self._judge, self._may_act)",
        tests=(QUEUE_BEAT,),
    ),
    Mutant(
        name="a sender that waits for the database counts as dead",
        file="bot/slack/outbox.py",
        old="                self._beat()\n                await asyncio.sleep(_AWAY_SECONDS)",
        new="                await asyncio.sleep(_AWAY_SECONDS)",
        tests=(SENDER_BEAT,),
    ),
    Mutant(
        name="a sender beats although every slot hangs",
        file="bot/slack/outbox.py",
        old="                await slots.acquire()  # before a lease, ",
        new="                while slots.locked():\n                    self._beat()\n"
        "                    await asyncio.sleep(0.1)\n                await slots.acquire()  # ",
        tests=(SENDER_BEAT,),
    ),
    Mutant(
        name="a process with a loop that hangs is ready",
        file="bot/health/health.py",
        old='            found[f"loop {name}"] =',
        new="            _ =",
        tests=(QUEUE_BEAT,),
    ),
)
