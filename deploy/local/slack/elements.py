"""Block Kit's elements and composition objects with their limits (Slack's reference, 2026-06)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.slack.shapes import (
    Anything,
    Choice,
    Flag,
    Many,
    Number,
    Shape,
    Spec,
    String,
    Text,
    Typed,
)

#: block_id and action_id.
ID_LIMIT = 255
BUTTON_TEXT, BUTTON_VALUE, URL, ACCESSIBILITY_LABEL = 75, 2000, 3000, 75
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
OPTIONS, OPTION_GROUPS, OPTION_TEXT, OPTION_VALUE = 100, 100, 75, 150
OVERFLOW_OPTIONS, RADIO_OPTIONS = 5, 10
PLACEHOLDER, INPUT_VALUE = 150, 3000
ALT_TEXT = 2000
PROMPT = 4000
RUN = 12_000  #: of one text in a rich_text; the facts know no limit of its own

ACTION_ID = String(ID_LIMIT, 1)
CONFIRM = Shape(
    required={
        "title": Text(CONFIRM_TITLE, ("plain_text",)),
        "text": Text(CONFIRM_TEXT),
        "confirm": Text(CONFIRM_BUTTON, ("plain_text",)),
        "deny": Text(CONFIRM_BUTTON, ("plain_text",)),
    },
    optional={"style": Choice(("primary", "danger"))},
)
_PLAIN_OPTION = Shape(
    required={
        "text": Text(OPTION_TEXT, ("plain_text",)),
        "value": String(OPTION_VALUE, 1),
    },
    optional={"description": Text(OPTION_TEXT, ("plain_text",)), "url": String(URL)},
)
#: What an app answers while a person types into a list that it fills.
OPTION_LIST = Many(_PLAIN_OPTION, OPTIONS, least=0)
_RICH_OPTION = Shape(
    required={"text": Text(OPTION_TEXT), "value": String(OPTION_VALUE, 1)},
    optional={"description": Text(OPTION_TEXT)},
)
_GROUP = Shape(
    required={
        "label": Text(OPTION_TEXT, ("plain_text",)),
        "options": Many(_PLAIN_OPTION, OPTIONS),
    }
)
_COMMON: Mapping[str, Spec] = {
    "action_id": ACTION_ID,
    "confirm": CONFIRM,
    "focus_on_load": Flag(),
}
_PLACEHOLDER: Mapping[str, Spec] = {"placeholder": Text(PLACEHOLDER, ("plain_text",))}


def _element(
    required: Mapping[str, Spec] | None = None,
    optional: Mapping[str, Spec] | None = None,
    **more: Any,
) -> Shape:
    return Shape(required or {}, {**_COMMON, **(optional or {})}, **more)


def _select(many: bool) -> Shape:
    chosen: Mapping[str, Spec] = (
        {"initial_options": Many(_PLAIN_OPTION, OPTIONS), "max_selected_items": Number(1, 100)}
        if many
        else {"initial_option": _PLAIN_OPTION}
    )
    return _element(
        optional={
            "options": Many(_PLAIN_OPTION, OPTIONS),
            "option_groups": Many(_GROUP, OPTION_GROUPS),
            **_PLACEHOLDER,
            **chosen,
        },
        any_of=("options", "option_groups"),
        not_both=("options", "option_groups"),
    )


def _picked(kind: str, many: bool) -> Shape:
    """users_select and its like."""
    name = f"initial_{kind}s" if many else f"initial_{kind}"
    chosen: Spec = Many(String(ID_LIMIT), OPTIONS) if many else String(ID_LIMIT)
    more: Mapping[str, Spec] = {
        "response_url_enabled": Flag(),
        "default_to_current_conversation": Flag(),
        "filter": Anything(),
        "max_selected_items": Number(1, 100),
        "min_query_length": Number(0, 100),
        "initial_option": Anything(),
        "initial_options": Anything(),
    }
    return _element(optional={name: chosen, **_PLACEHOLDER, **more})


_BUTTON = _element(
    required={"text": Text(BUTTON_TEXT, ("plain_text",))},
    optional={
        "value": String(BUTTON_VALUE),
        "url": String(URL),
        "style": Choice(("primary", "danger")),
        "accessibility_label": String(ACCESSIBILITY_LABEL, 1),
        "agent_prompt": String(PROMPT),
    },
)
_IMAGE = Shape(
    required={"alt_text": String(ALT_TEXT, 1)},
    optional={"image_url": String(URL, 1), "slack_file": Anything()},
    any_of=("image_url", "slack_file"),
)
_LENGTHS: Mapping[str, Spec] = {
    "min_length": Number(0, INPUT_VALUE),
    "max_length": Number(1, INPUT_VALUE),
}

ELEMENTS: dict[str, Spec] = {
    "button": _BUTTON,
    "workflow_button": _element({"text": Text(BUTTON_TEXT, ("plain_text",))}, open=True),
    "image": _IMAGE,
    "overflow": _element({"options": Many(_PLAIN_OPTION, OVERFLOW_OPTIONS)}),
    "static_select": _select(many=False),
    "multi_static_select": _select(many=True),
    "external_select": _picked("option", many=False),
    "multi_external_select": _picked("option", many=True),
    "users_select": _picked("user", many=False),
    "multi_users_select": _picked("user", many=True),
    "conversations_select": _picked("conversation", many=False),
    "multi_conversations_select": _picked("conversation", many=True),
    "channels_select": _picked("channel", many=False),
    "multi_channels_select": _picked("channel", many=True),
    "radio_buttons": _element(
        {"options": Many(_RICH_OPTION, RADIO_OPTIONS)}, {"initial_option": _RICH_OPTION}
    ),
    "checkboxes": _element(
        {"options": Many(_RICH_OPTION, RADIO_OPTIONS)},
        {"initial_options": Many(_RICH_OPTION, RADIO_OPTIONS)},
    ),
    "datepicker": _element(optional={"initial_date": String(10, 10), **_PLACEHOLDER}),
    "timepicker": _element(
        optional={"initial_time": String(5, 5), "timezone": String(ID_LIMIT), **_PLACEHOLDER}
    ),
    "datetimepicker": _element(optional={"initial_date_time": Number(0, 9_999_999_999)}),
    "plain_text_input": _element(
        optional={
            "initial_value": String(INPUT_VALUE),
            "multiline": Flag(),
            "dispatch_action_config": Anything(),
            **_LENGTHS,
            **_PLACEHOLDER,
        }
    ),
    "email_text_input": _element(optional={"initial_value": String(INPUT_VALUE), **_PLACEHOLDER}),
    "url_text_input": _element(optional={"initial_value": String(INPUT_VALUE), **_PLACEHOLDER}),
    "number_input": _element({"is_decimal_allowed": Flag()}, open=True),
    "rich_text_input": _element(optional=_PLACEHOLDER, open=True),
    "file_input": _element(open=True),
    "feedback_buttons": _element(open=True),
    "icon_button": _element({"text": Text(BUTTON_TEXT, ("plain_text",))}, open=True),
}

BUTTONLIKE = (
    "button",
    "workflow_button",
    "overflow",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
    "datetimepicker",
)
SELECTS = tuple(kind for kind in ELEMENTS if kind.endswith("select"))
INPUTS = tuple(kind for kind in ELEMENTS if kind.endswith("_input"))

# --- rich text ------------------------------------------------------------------------------

_STYLE = Shape(
    {},
    {name: Flag() for name in ("bold", "italic", "strike", "code", "underline", "highlight")},
)
_RUN: Mapping[str, Spec] = {"style": _STYLE}
RUNS: dict[str, Spec] = {
    "text": Shape({"text": String(RUN, 1)}, _RUN),
    "link": Shape({"url": String(URL, 1)}, {"text": String(RUN), "unsafe": Flag(), **_RUN}),
    "user": Shape({"user_id": String(ID_LIMIT, 1)}, _RUN),
    "usergroup": Shape({"usergroup_id": String(ID_LIMIT, 1)}, _RUN),
    "channel": Shape({"channel_id": String(ID_LIMIT, 1)}, _RUN),
    "emoji": Shape({"name": String(ID_LIMIT, 1)}, {"unicode": String(64), **_RUN}),
    "broadcast": Shape({"range": Choice(("here", "channel", "everyone"))}, _RUN),
    "color": Shape({"value": String(32, 1)}, _RUN),
    "date": Shape(
        {"timestamp": Number(0, 9_999_999_999), "format": String(ID_LIMIT, 1)}, open=True
    ),
}
_MANY_RUNS = Many(Typed(RUNS), 10_000, least=0)
_BORDER: Mapping[str, Spec] = {"border": Number(0, 1)}
RICH_PARTS: dict[str, Spec] = {
    "rich_text_section": Shape({"elements": _MANY_RUNS}),
    "rich_text_quote": Shape({"elements": _MANY_RUNS}, _BORDER),
    "rich_text_preformatted": Shape(
        {"elements": _MANY_RUNS}, {"language": String(ID_LIMIT), **_BORDER}
    ),
}
RICH_PARTS["rich_text_list"] = Shape(
    {
        "style": Choice(("bullet", "ordered")),
        "elements": Many(Typed(RICH_PARTS, ("rich_text_section",)), 10_000),
    },
    {"indent": Number(0, 8), "offset": Number(0, 10_000), **_BORDER},
)
RICH_TEXT = Many(Typed(RICH_PARTS), 10_000, least=0)
