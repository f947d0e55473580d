"""The fleet in Slack: who may have it, a part as a part, one reading for all."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

TESTS = "tests/fleet/test_fleet_in_slack.py"

ROWS = (
    Mutant(
        name="whoever may ask for advice has the whole fleet",
        file="bot/fleet_service.py",
        old="        await self._audience.require(requester, privilege=LIST)\n",
        new="",
        tests=(TESTS,),
    ),
    Mutant(
        name="a part of a fleet is told as the whole",
        file="bot/fleet_service.py",
        old="unread_clauses(read.estate)",
        new="()",
        tests=(TESTS,),
    ),
    Mutant(
        name="each who asks meanwhile has the whole fleet read again",
        file="bot/fleet_service.py",
        old="        if task is None or task.done():\n",
        new="        if True:\n",
        tests=(TESTS,),
    ),
    Mutant(
        name="the reading of a fleet goes on in its thread when the bot stops",
        file="bot/jobs/fleet_reader.py",
        old="    except asyncio.CancelledError:\n        stop.set()\n        raise\n",
        new="    except asyncio.CancelledError:\n        raise\n",
        tests=(TESTS,),
    ),
)
