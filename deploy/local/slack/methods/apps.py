"""auth.test, apps.connections.open and blocks.validate."""

from __future__ import annotations

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.people import BOT, BOT_ID, TEAM
from deploy.local.slack.posting import blocks_of, parsed, view_of


def auth_test(call: Call) -> Answer:
    return {
        "url": f"{call.url}/",
        "team": TEAM.name,
        "user": BOT.name,
        "team_id": TEAM.id,
        "user_id": BOT.id,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def connections_open(call: Call) -> Answer:
    if not call.workspace.app.socket_mode:
        raise SlackError("socket_mode_not_enabled")
    return {"url": call.new_socket()}


def validate(call: Call) -> Answer:
    """Blocks, a message or a view; needs no token."""
    if call.args.get("view"):
        view = parsed(call.args["view"], "invalid_arguments")
        view_of(view, str(view.get("type")) if isinstance(view, dict) else "")
    elif call.args.get("message"):
        message = parsed(call.args["message"], "invalid_arguments")
        blocks_of(message.get("blocks") if isinstance(message, dict) else message)
    elif call.args.get("blocks"):
        blocks_of(call.args["blocks"])
    else:
        raise SlackError("invalid_arguments")
    return {}


METHODS = (
    Method("auth.test", auth_test, 4),
    Method("apps.connections.open", connections_open, 3, token="app"),  # noqa: S106
    Method("blocks.validate", validate, 4, token="none"),  # noqa: S106
)
