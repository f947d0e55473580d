"""What an app's answer to a submitted modal does: errors, another view, one more, or none."""

from __future__ import annotations

from typing import Any

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.views import replace, show
from deploy.local.slack.posting import view_of
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Workspace


async def apply(workspace: Workspace, view: View, answer: Any) -> None:
    """Raises SlackError for an answer that Slack cannot use."""
    if answer in (None, "", {}):
        workspace.modals[view.person] = _below(workspace, view)
        await workspace.tell("modals", person=view.person)
        return
    if not isinstance(answer, dict):
        raise SlackError("invalid_response")
    match answer.get("response_action"):
        case "errors":
            await _show_errors(workspace, view, answer.get("errors"))
        case "update":
            await replace(workspace, view, view_of(answer.get("view"), "modal"))
        case "push":
            await show(workspace, view.person, view_of(answer.get("view"), "modal"), on_top=True)
        case "clear":
            workspace.modals[view.person] = []
            await workspace.tell("modals", person=view.person)
        case _:
            raise SlackError("invalid_response")


async def _show_errors(workspace: Workspace, view: View, errors: Any) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_response")
    view.errors = {str(block_id): str(text) for block_id, text in errors.items()}
    await workspace.tell("modals", person=view.person)


def _below(workspace: Workspace, view: View) -> list[View]:
    return [each for each in workspace.modals.get(view.person, []) if each is not view]
