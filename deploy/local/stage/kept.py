"""What the stand-ins remember from one demo to the next with --keep: messages, and resources.

Slack's and Azure's own records are in memory; the bot's database outlasts the demo, and would
otherwise speak of cards and snapshots that nobody ever saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.slack.people import BOT, Channel
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.workspace import Message, Workspace

KEPT = "stand-ins.json"
Resources = Mapping[str, Any]


def keep(data: Path, azure: AzureStandIn, slack: SlackStandIn, before: Resources) -> None:
    """Write down what has come and gone since the resources of `before`."""
    after = azure.world.resources
    changed = {name: body for name, body in after.items() if before.get(name) != body}
    gone = sorted(set(before) - set(after))
    every = slack.workspace.messages.items()
    messages = [asdict(each) for _, of in every for each in of.values() if not each.files]
    kept = {"azure": {"changed": changed, "gone": gone}, "slack": messages}
    (data / KEPT).write_text(json.dumps(kept), encoding="utf-8")


def bring_back(data: Path, world: World, slack: Workspace) -> None:
    """Everything that was kept, where there is something; work under way is over by now."""
    if not (data / KEPT).exists():
        return
    kept = json.loads((data / KEPT).read_text(encoding="utf-8"))
    for name in kept["azure"]["gone"]:
        world.remove(name)
    for body in kept["azure"]["changed"].values():
        world.put(_over(body))
    for each in kept["slack"]:
        _put(slack, Message(**each))


def forget(data: Path) -> None:
    """Nothing is kept any more."""
    (data / KEPT).unlink(missing_ok=True)


def _over(body: dict[str, Any]) -> dict[str, Any]:
    """The resource once its work is done: what was to end it went with the demo."""
    properties = body.get("properties") or {}
    if properties.get("provisioningState") in ("Creating", "Updating"):
        properties["provisioningState"] = "Succeeded"
    if "completionPercent" in properties:
        properties["completionPercent"] = 100.0
    return body


def _put(slack: Workspace, message: Message) -> None:
    if message.channel not in slack.channels:  # opened by the bot: D and the rest of who it is with
        person = f"U{message.channel[1:]}"
        slack.channels[message.channel] = Channel(message.channel, "", {person, BOT.id}, "im")
    slack.messages.setdefault(message.channel, {})[message.ts] = message
