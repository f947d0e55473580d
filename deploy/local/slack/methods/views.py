"""views.*: modals and the App Home."""

from __future__ import annotations

from typing import Any

from deploy.local.slack.errors import SlackError
from deploy.local.slack.methods.method import Answer, Call, Method
from deploy.local.slack.posting import view_of
from deploy.local.slack.views import STACK_LIMIT, View
from deploy.local.slack.workspace import Workspace


async def open_modal(call: Call) -> Answer:
    given = _given(call, "modal")
    person, _ = _person(call)
    view = await show(call.workspace, person, given)
    return {"view": view.as_slack()}


async def push(call: Call) -> Answer:
    given = _given(call, "modal")
    person, from_view = _person(call)
    if not from_view or not call.workspace.modals.get(person):
        raise SlackError("invalid_trigger_id")
    view = await show(call.workspace, person, given, on_top=True)
    return {"view": view.as_slack()}


async def update(call: Call) -> Answer:
    view = _wanted(call)
    given = _given(call, view.kind)
    if call.args.get("hash") not in (None, "", view.hash):
        raise SlackError("hash_conflict")
    await replace(call.workspace, view, given)
    return {"view": view.as_slack()}


async def publish(call: Call) -> Answer:
    given = _given(call, "home")
    if not call.workspace.app.has_home:
        raise SlackError("not_enabled")
    person = call.workspace.person(call.text("user_id")).id
    old = call.workspace.homes.get(person)
    if old and call.args.get("hash") not in (None, "", old.hash):
        raise SlackError("hash_conflict")
    view = old or new_view(call.workspace, person, given)
    call.workspace.homes[person] = view
    await replace(call.workspace, view, given)
    return {"view": view.as_slack()}


async def show(
    workspace: Workspace, person: str, given: dict[str, Any], *, on_top: bool = False
) -> View:
    """A modal on a person's screen. Raises SlackError push_limit_reached."""
    stack = workspace.modals.get(person, []) if on_top else []
    if len(stack) >= STACK_LIMIT:
        raise SlackError("push_limit_reached")
    view = new_view(workspace, person, given)
    if stack:
        view.previous_id, view.root_id = stack[-1].id, stack[0].id
    workspace.modals[person] = [*stack, view]
    await workspace.tell("modals", person=person)
    return view


async def replace(workspace: Workspace, view: View, given: dict[str, Any]) -> None:
    """New content for a view; what was filled in stays where its ids stay."""
    view.given = workspace.kept_view(given)
    view.hash, view.errors, view.trouble = _new_hash(workspace), {}, ""
    kept = {block["block_id"] for block in view.blocks}
    view.values = {block_id: each for block_id, each in view.values.items() if block_id in kept}
    await workspace.tell("home" if view.kind == "home" else "modals", person=view.person)


def new_view(workspace: Workspace, person: str, given: dict[str, Any]) -> View:
    view_id = workspace.new_id("V")
    kept = workspace.kept_view(given)
    return View(view_id, person, kept, _new_hash(workspace), root_id=view_id)


def _new_hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock.now())}.{workspace.new_id('', 8)}"


def _given(call: Call, kind: str) -> dict[str, Any]:
    return view_of(call.args.get("view"), kind)


def _person(call: Call) -> tuple[str, str]:
    """Whose trigger it is, and the view it came from."""
    trigger = call.text("trigger_id") or call.text("interactivity_pointer")
    return call.tickets.use_trigger(trigger)


def _wanted(call: Call) -> View:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments")
    for view in call.workspace.views():
        if view.id == view_id or (external_id and view.given.get("external_id") == external_id):
            return view
    raise SlackError("not_found")


METHODS = (
    Method("views.open", open_modal, 4, (), ("view", "trigger_id")),
    Method("views.push", push, 4, (), ("view", "trigger_id")),
    Method("views.update", update, 4, (), ("view",)),
    Method("views.publish", publish, 4, (), ("view", "user_id")),
)
