"""Slack's buttons, inputs and modals, cut to Slack's limits like the other blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.messages.blocks import Block, Element, cut

#: Block Kit reference, 2026-06: buttons, confirmations, inputs, options, modals.
BUTTON_LIMIT, LABEL_LIMIT, VALUE_LIMIT = 75, 75, 2000
CONFIRM_TITLE_LIMIT, CONFIRM_TEXT_LIMIT, CONFIRM_BUTTON_LIMIT = 100, 300, 30
INPUT_LABEL_LIMIT, INPUT_LIMIT, PLACEHOLDER_LIMIT = 200, 3000, 150
OPTION_TEXT_LIMIT, OPTION_VALUE_LIMIT = 75, 150
CHECKBOXES, OPTIONS = 10, 100
MIN_QUERY = 1  #: characters, before Slack asks the app for options
TITLE_LIMIT, MODAL_BUTTON_LIMIT, METADATA_LIMIT = 24, 24, 3000

View = dict[str, Any]


class Choice(NamedTuple):
    """One choice: the value that is sent, the text that is shown, and the small print under it."""

    value: str
    text: str
    description: str = ""


def actions(*buttons: Element) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(
    text: str,
    action_id: str,
    value: str,
    *,
    label: str,
    style: str = "",
    confirm: Element | None = None,
) -> Element:
    """A button; `label` is for screen readers, `style` is primary or danger."""
    element: Element = {
        "type": "button",
        "text": _plain(text, BUTTON_LIMIT),
        "action_id": action_id,
        "value": value[:VALUE_LIMIT],
        "accessibility_label": cut(label, LABEL_LIMIT),
    }
    element |= {"style": style} if style else {}
    return element | ({"confirm": confirm} if confirm else {})


def confirmation(title: str, text: str, yes: str, no: str) -> Element:
    """The question before a button does something that cannot be undone."""
    return {
        "title": _plain(title, CONFIRM_TITLE_LIMIT),
        "text": _plain(text, CONFIRM_TEXT_LIMIT),
        "confirm": _plain(yes, CONFIRM_BUTTON_LIMIT),
        "deny": _plain(no, CONFIRM_BUTTON_LIMIT),
        "style": "danger",
    }


def text_input(
    block_id: str,
    label: str,
    *,
    initial: str = "",
    placeholder: str = "",
    hint: str = "",
    most: int = INPUT_LIMIT,
    optional: bool = False,
) -> Block:
    """A text field; its action_id is its block_id."""
    element: Element = {"type": "plain_text_input", "action_id": block_id, "max_length": most}
    if initial.strip():
        element["initial_value"] = cut(initial, most)
    if placeholder:
        element["placeholder"] = _plain(placeholder, PLACEHOLDER_LIMIT)
    return _input(block_id, label, element, hint) | ({"optional": True} if optional else {})


def external_input(block_id: str, label: str, *, placeholder: str, hint: str = "") -> Block:
    """A choice that the app offers while a person types; it may stay empty."""
    element: Element = {
        "type": "external_select",
        "action_id": block_id,
        "min_query_length": MIN_QUERY,
        "placeholder": _plain(placeholder, PLACEHOLDER_LIMIT),
    }
    return _input(block_id, label, element, hint) | {"optional": True}


def choices_input(
    block_id: str, label: str, options: Sequence[Choice], chosen: Sequence[str], hint: str = ""
) -> Block:
    """A choice of several options: checkboxes, or a list where there are more than ten."""
    shown = [option(each) for each in options[:OPTIONS]]
    initial = [each for each in shown if each["value"] in chosen]
    kind = "checkboxes" if len(shown) <= CHECKBOXES else "multi_static_select"
    element: Element = {"type": kind, "action_id": block_id, "options": shown}
    if initial:
        element["initial_options"] = initial
    return _input(block_id, label, element, hint)


def choice_input(
    block_id: str, label: str, options: Sequence[Choice], chosen: str, hint: str = ""
) -> Block:
    """A choice of one option, as radio buttons."""
    shown = [option(each) for each in options[:CHECKBOXES]]
    element: Element = {"type": "radio_buttons", "action_id": block_id, "options": shown}
    for each in shown:
        if each["value"] == chosen:
            element["initial_option"] = each
    return _input(block_id, label, element, hint)


def told_at_once(block: Block) -> Block:
    """The input, of which Slack tells the app at each choice and each character."""
    element = block["element"]
    if element["type"] == "plain_text_input":
        config = {"trigger_actions_on": ["on_character_entered"]}
        element = element | {"dispatch_action_config": config}
    return block | {"element": element, "dispatch_action": True}


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    close: str = "Close",
    metadata: str = "",
) -> View:
    """A modal; without a submit button where `submit` is empty."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": _plain(title, TITLE_LIMIT),
        "close": _plain(close, MODAL_BUTTON_LIMIT),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    return view | ({"submit": _plain(submit, MODAL_BUTTON_LIMIT)} if submit else {})


def form_metadata(ids: Mapping[str, str]) -> str:
    """A form's private metadata: whole JSON of at most `METADATA_LIMIT` characters.

    Escapes lengthen a text up to twelvefold, so where the JSON is too long its values are cut, and
    never the JSON itself: an id that was cut belongs to nothing, which the bot says.
    """
    limit = METADATA_LIMIT
    while len(text := json.dumps({name: each[:limit] for name, each in ids.items()})) > (
        METADATA_LIMIT
    ):
        limit //= 2
    return text


def _input(block_id: str, label: str, element: Element, hint: str) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label, INPUT_LABEL_LIMIT),
        "element": element,
    }
    return block | ({"hint": _plain(hint, INPUT_LABEL_LIMIT)} if hint else {})


def option(choice: Choice) -> Element:
    """A choice as Slack takes it."""
    text = _plain(choice.text, OPTION_TEXT_LIMIT)
    element: Element = {"text": text, "value": choice.value[:OPTION_VALUE_LIMIT]}
    if choice.description:
        element["description"] = _plain(choice.description, OPTION_TEXT_LIMIT)
    return element


def _plain(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": cut(text, limit), "emoji": False}
