"""Lists that the app fills while a person types: what is asked of it, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.local.slack import payloads
from deploy.local.slack.courier import Courier, Delivery, Outcome
from deploy.local.slack.elements import OPTION_LIST
from deploy.local.slack.errors import SlackError
from deploy.local.slack.filling import found_element
from deploy.local.slack.people import Person
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Workspace

#: A list without a least length asks after three characters (Block Kit reference, 2026-06).
USUAL_QUERY_LENGTH = 3
FILLED_BY_THE_APP = ("external_select", "multi_external_select")
Option = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Suggested:
    """The options that the person is shown, and what went wrong."""

    outcome: Outcome
    options: tuple[Option, ...] = ()
    problem: str = ""


async def suggest(
    workspace: Workspace, courier: Courier, person: Person, view: View, action_id: str, typed: str
) -> Suggested:
    """Ask the app for the options to what is typed. Raises SlackError for no such list."""
    found = found_element(view.blocks, action_id)
    if found is None or found[1]["type"] not in FILLED_BY_THE_APP:
        raise SlackError("action_not_found")
    block_id, element = found
    if len(typed) < element.get("min_query_length", USUAL_QUERY_LENGTH):
        return Suggested(Outcome("not_sent"))
    app = workspace.app
    if not app.is_interactive or not (app.socket_mode or app.options_url):
        return Suggested(Outcome("not_interactive"), problem="This list has nowhere to ask.")
    payload = payloads.block_suggestion(person, view, block_id, action_id, typed)
    outcome = await courier.once(Delivery("interactive", payload, app.options_url))
    options = _options(outcome)
    if options is None:
        return Suggested(outcome, problem="The choices could not be loaded.")
    known = view.loaded.setdefault(action_id, {})
    known.update({option["value"]: option for option in options})
    return Suggested(outcome, tuple(options))


def _options(outcome: Outcome) -> list[Option] | None:
    """The options of an answer, also from within groups; None where Slack cannot use it."""
    answer = outcome.answer
    if outcome.why or not isinstance(answer, dict):
        return None
    groups = answer.get("option_groups") or [answer]
    found: list[Option] = []
    for options in (each.get("options") for each in groups):
        if not isinstance(options, list) or any(OPTION_LIST.problems(options, "options")):
            return None
        found += options
    return found
