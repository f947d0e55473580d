"""The faults of the soak: one or two at a time, drawn by chance, over within seconds."""

from __future__ import annotations

import asyncio
from random import Random

from deploy.local.azure.server import AzureStandIn
from deploy.local.faults import Fault, Kind
from deploy.local.slack.standin import SlackStandIn
from tests.chaos.schedules import Kind as Named

_ARM = "/subscriptions/|/providers/"
#: What comes over Azure.
AZURE = {
    Named.AZURE_429: Fault(Kind.STATUS, path=_ARM, status=429, retry_after="1", times=2),
    Named.AZURE_5XX: Fault(Kind.STATUS, path=_ARM, status=503, times=2),
    Named.AZURE_SLOW: Fault(Kind.SLOW, path=_ARM, seconds=2.0, times=3),
    Named.AZURE_DROP: Fault(Kind.DROP, path=_ARM, times=2),
    Named.AZURE_CUT: Fault(Kind.CUT, path=_ARM, times=2),
    Named.AZURE_LOST: Fault(Kind.LOST, path="/snapshots/", times=2),
    Named.FORGOTTEN: Fault(Kind.OPERATION_FORGOTTEN, method="PUT", path="/snapshots/"),
}
#: What comes over Slack.
SLACK = {
    Named.SLACK_429: Fault(Kind.STATUS, "chat.*", status=429, retry_after="2", times=2),
    Named.SLACK_5XX: Fault(Kind.STATUS, "chat.*", status=500, times=2),
    Named.SLACK_LOST: Fault(Kind.LOST, "chat.*"),
}
_EVERY_SECONDS = 2.0
_DISCONNECTED_EVERY_SECONDS = 60.0


async def weather(azure: AzureStandIn, slack: SlackStandIn, random: Random) -> None:
    """Put a fault every two seconds until cancelled; those that nothing met are taken away."""
    kinds = [*((azure.faults, each) for each in AZURE.values())]
    kinds += [(slack.faults, each) for each in SLACK.values()]
    seconds = 0.0
    while True:
        faults, fault = random.choice(kinds)
        number = faults.add(fault)
        await asyncio.sleep(_EVERY_SECONDS)
        faults.remove(number)
        seconds += _EVERY_SECONDS
        if seconds >= _DISCONNECTED_EVERY_SECONDS:
            seconds = 0.0
            await slack.sockets.close()


NAMES = {id(fault): str(name) for name, fault in {**AZURE, **SLACK}.items()}
