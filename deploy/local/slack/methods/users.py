"""users.*: what Slack knows of a person."""

from __future__ import annotations

from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import SLACKBOT

_READ = ("users:read",)


def info(call: Call) -> Answer:
    return {"user": call.workspace.person(call.text("user")).as_user()}


def listing(call: Call) -> Answer:
    """Everybody of the workspace, and those met over Slack Connect."""
    everybody = [each for each in call.workspace.people.values() if each is not SLACKBOT]
    members, more = call.page(everybody)
    now = int(call.workspace.clock.now())
    return {"members": [each.as_user() for each in members], "cache_ts": now, **more}


METHODS = (
    Method("users.info", info, 4, _READ, ("user",)),
    Method("users.list", listing, 2, _READ),
)
