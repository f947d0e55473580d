"""What people put into Block Kit's elements, in the shapes of `actions` and `state.values`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.local.slack.workspace import elements_of

Element = Mapping[str, Any]
Values = dict[str, dict[str, Any]]

#: Which field of an action or of the state holds what was chosen.
_FIELDS = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
}
REQUIRED = "Please complete this required field."


def chosen(element: Element, given: Any) -> dict[str, Any]:
    """What was chosen or typed: a text, an option's value, or a list of them; None is nothing."""
    field = _FIELDS.get(str(element["type"]), "value")
    if field == "selected_option":
        return {field: _option(element, given) if given not in (None, "") else None}
    if field == "selected_options":
        return {field: [_option(element, each) for each in given or ()]}
    return {field: given if given not in ("", []) else None}


def action(element: Element, block_id: str, given: Any, action_ts: str) -> dict[str, Any]:
    """One entry of `actions`."""
    common = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": action_ts,
    }
    if element["type"] == "button":
        named = {name: element[name] for name in ("text", "value", "style") if name in element}
        return common | named
    return common | chosen(element, given)


def initial_values(blocks: list[dict[str, Any]]) -> Values:
    """The state before anybody touched anything."""
    values: Values = {}
    for block_id, element in stateful(blocks):
        value = chosen(element, None) | _initial(element)
        values.setdefault(block_id, {})[element["action_id"]] = {"type": element["type"], **value}
    return values


def filled(blocks: list[dict[str, Any]], before: Values, given: Mapping[str, Any]) -> Values:
    """The state with what is given by action_id; other elements keep what they had."""
    values = initial_values(blocks)
    for block_id, element in stateful(blocks):
        action_id = str(element["action_id"])
        if action_id in given:
            new = {"type": element["type"], **chosen(element, given[action_id])}
        else:
            new = before.get(block_id, {}).get(action_id) or values[block_id][action_id]
        values[block_id][action_id] = new
    return values


def problems(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """What Slack's own client objects to before it submits, by block_id."""
    found = {}
    for block in blocks:
        if block["type"] == "input":
            state = values[block["block_id"]][block["element"]["action_id"]]
            content = next((state[name] for name in state if name != "type"), None)
            if objection := _objection(block, content):
                found[block["block_id"]] = objection
    return found


def stateful(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, Element]]:
    """The elements that keep a state, with their block's id."""
    for block in blocks:
        for element in elements_of(block):
            if element["type"] not in ("button", "workflow_button", "overflow"):
                yield block["block_id"], element


def found_element(blocks: list[dict[str, Any]], action_id: str) -> tuple[str, Element] | None:
    """An element by its action_id, with its block's id."""
    for block in blocks:
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return block["block_id"], element
    return None


def _option(element: Element, value: Any) -> Any:
    for option in _options(element):
        if option["value"] == value:
            return option
    raise ValueError(f"{element['action_id']} has no option {value!r}.")


def _options(element: Element) -> Iterator[Mapping[str, Any]]:
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group["options"]


def _initial(element: Element) -> dict[str, Any]:
    field = _FIELDS.get(str(element["type"]), "value")
    name = "initial_" + field.removeprefix("selected_")
    return {field: element[name]} if name in element else {}


def _objection(block: Mapping[str, Any], content: Any) -> str:
    element = block["element"]
    if content in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    if not isinstance(content, str):
        return ""
    if len(content) < element.get("min_length", 0):
        return f"Use at least {element['min_length']} characters."
    if len(content) > element.get("max_length", len(content)):
        return f"Use at most {element['max_length']} characters."
    return ""
