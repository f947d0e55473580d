"""Mutants of running it for real: agents, secrets, heartbeats, what is kept of people, traces."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

KEPT = "tests/agents/test_agents_kept.py"
QUEUE_BEAT = "tests/jobs/test_jobs_heartbeats.py"
SENDER_BEAT = "tests/slack/test_bot_slack_heartbeat.py"
FORGETTING = "tests/database/test_store_forgetting.py"
TRACES = "tests/journeys/test_journeys_traces.py"
SECRETS = "tests/bot/test_bot_live_secrets.py"
SIGN_IN = "tests/azure/test_azure_connection.py"

ROWS = (
    Mutant(
        name="a sign-in to Azure that is set to nothing ends in words of a library",
        file="advisor/azure/credential.py",
        old='if os.environ.get(name) == ""]',
        new="if name not in os.environ]",
        tests=(SIGN_IN,),
    ),
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
        file="bot/agents/arguments.py",
        old="return [*tool.command, *_sources(tool, given), ",
        new="return [*tool.command, ",
        tests=(KEPT,),
    ),
    Mutant(
        name="what an agent tries out goes into the ledger",
        file="bot/agents/running.py",
        old='chosen = {LEDGER_VARIABLE: "0", ',
        new="chosen = {",
        tests=(KEPT,),
    ),
    Mutant(
        name="a worker whose queue stands still counts as alive",
        file="bot/jobs/worker_loop.py",
        old="queue_app(self._carry_on, self._judge, self._may_act, self._beat, self._traces)",
        new="queue_app(self._carry_on, self._judge, self._may_act, traces=self._traces)",
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
        name="a secret that was replaced is refused at once",
        file="bot/slack/inbound/signatures.py",
        old="        self._replaced |= dict.fromkeys(before, until)",
        new="        _ = (before, until)",
        tests=(SECRETS,),
    ),
    Mutant(
        name="a secret that was replaced is taken for ever",
        file="bot/slack/inbound/signatures.py",
        old="in self._replaced.items() if until > now}",
        new="in self._replaced.items() if until or now}",
        tests=(SECRETS,),
    ),
    Mutant(
        name="a secret that is half written is taken over",
        file="bot/settings/live_secrets.py",
        old="if (is_whole or new == getattr(before, name)) and await",
        new="if before and await",
        tests=(SECRETS,),
    ),
    Mutant(
        name="a bot token that Slack refuses is taken over",
        file="bot/composition/secrets.py",
        old="    if not answer.done:",
        new="    if not answer:",
        tests=("tests/health/test_health_rotated_tokens.py",),
    ),
    Mutant(
        name="a new password leads to another database",
        file="bot/database/pool.py",
        old="        if place_of(keywords) != self._place:",
        new="        if not keywords:",
        tests=(SECRETS,),
    ),
    Mutant(
        name="the reason of a request whose snapshot exists is forgotten",
        file="bot/database/forgetting.py",
        old="WHERE points.request_id = requests.id AND points.deleted_at IS NULL)",
        new="WHERE points.request_id = requests.id AND points.deleted_at < points.made_at)",
        tests=(FORGETTING,),
    ),
    Mutant(
        name="the reason stays in the tags that were sent",
        file="bot/database/forgetting.py",
        old="UPDATE steps SET body = body #- '{send,tags,vmbackup-reason}'",
        new="UPDATE steps SET body = body #- '{send,tags,vmbackup-plan}'",
        tests=(FORGETTING,),
    ),
    Mutant(
        name="the tags of a VM are forgotten while a rule counts them",
        file="bot/database/forgetting.py",
        old="max(kept, tags_count_for)",
        new="kept",
        tests=(FORGETTING,),
    ),
    Mutant(
        name="a break-glass that nobody reviewed is forgotten",
        file="bot/database/forgetting.py",
        old="    AND (requests.look_by IS NULL OR requests.looked_by <> '')\n",
        new="",
        tests=(FORGETTING,),
    ),
    Mutant(
        name="the names of approvers are kept for ever",
        file="bot/database/forgetting.py",
        old="*(_REQUESTS, _STEPS, _APPROVALS, ",
        new="*(_REQUESTS, _STEPS, _REQUESTS, ",
        tests=(FORGETTING,),
    ),
    Mutant(
        name="a job begins a trace of its own",
        file="bot/jobs/queue.py",
        old="parent=await trace_of(item_id)):",
        new="parent=await trace_of(item_id) and ''):",
        tests=(TRACES,),
    ),
    Mutant(
        name="a trace tells the names of VMs",
        file="advisor/azure/operation_names.py",
        old='return "/".join((namespace, *rest[::2]))',
        new='return "/".join((namespace, *rest))',
        tests=(TRACES,),
    ),
    Mutant(
        name="a process with a loop that hangs is ready",
        file="bot/health/health.py",
        old='            found[f"loop {name}"] =',
        new="            _ =",
        tests=(QUEUE_BEAT,),
    ),
)
