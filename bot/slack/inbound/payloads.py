"""Slack's payloads of pressed buttons and sent forms, read into values. Pure.

Every text from outside is cut and cleaned, and none is believed. A button's value is an opaque
id, a form's VM is a name to look up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from advisor.errors import UsageError
from advisor.quantities import parse_duration
from bot.actions.snapshot.wish import of_form
from bot.commands.command import content_key
from bot.messages.request_buttons import ACTION_PREFIX
from bot.messages.snapshot_modal import CONSISTENT, DISKS, HOW, KEEP, REASON
from bot.messages.vm_picker import CHOSEN_VM, VM
from bot.requests.model import Click, ClickKind, Requester, Wish
from bot.requests.plans.bounds import Bounds, out_of_bounds
from bot.requests.storable import storable
from bot.requests.wish_words import NAME_LIMIT, REASON_LIMIT

_SAY_WHY = "Say why: those who approve read it."
_OPTIONS = 100  #: more than a form can have


class FieldsUnreadable(Exception):
    """A form has fields that cannot be read. `errors`: block_id -> sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(self.errors.values()))


# --- who and where ---------------------------------------------------------------------------


def requester_of(body: Mapping[str, Any], channel_id: str = "") -> Requester:
    """The person who pressed or sent; the team is the one that the app is installed in."""
    user = _mapping(body, "user")
    team = _text(_mapping(body, "team"), "id") or _text(user, "team_id")
    name = _text(user, "username") or _text(user, "name")
    channel = channel_id or _text(_mapping(body, "channel"), "id")
    return Requester(team_id=team, user_id=_text(user, "id"), user_name=name, channel_id=channel)


def action_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one action of a block_actions payload."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, Sequence) and actions else {}
    return first if isinstance(first, Mapping) else {}


# --- buttons ---------------------------------------------------------------------------------


def kind_of(body: Mapping[str, Any]) -> ClickKind | None:
    """The kind of the button; None for a button that this bot does not have."""
    name = _text(action_of(body), "action_id").removeprefix(ACTION_PREFIX)
    return ClickKind(name) if name in set(ClickKind) else None


def click_of(body: Mapping[str, Any], kind: ClickKind) -> Click:
    """The click. The same delivery has the same id, the next click another one."""
    action, requester = action_of(body), requester_of(body)
    message_ts = _text(_mapping(body, "container"), "message_ts")
    ids = (requester.team_id, requester.user_id, requester.channel_id, message_ts)
    return Click(
        id=content_key("press", *ids, _text(action, "action_id"), _text(action, "action_ts")),
        kind=kind,
        button=_text(action, "value"),
        team_id=requester.team_id,
        user_id=requester.user_id,
        user_name=requester.user_name,
        channel_id=requester.channel_id,
        message_ts=message_ts,
    )


def denial_of(body: Mapping[str, Any]) -> Click:
    """The click of a denial, from its form. Raises FieldsUnreadable without a reason."""
    view, metadata = _mapping(body, "view"), metadata_of(body)
    reason = _filled(view, REASON)
    if not reason:
        raise FieldsUnreadable({REASON: "Say why not: it ends the request."})
    requester = requester_of(body, _text(metadata, "channel"))
    return Click(
        id=content_key(
            "deny", requester.team_id, requester.user_id, _text(view, "id"), _hash(view)
        ),
        kind=ClickKind.DENY,
        button=_text(metadata, "button"),
        team_id=requester.team_id,
        user_id=requester.user_id,
        user_name=requester.user_name,
        channel_id=requester.channel_id,
        message_ts=_text(metadata, "ts"),
        text=reason,
    )


# --- the form of a snapshot ------------------------------------------------------------------


def form_requester(body: Mapping[str, Any]) -> Requester:
    """The person who sent a form; the channel is the one that it was opened from."""
    return requester_of(body, _text(metadata_of(body), "channel"))


def form_key(body: Mapping[str, Any]) -> str:
    """The content key of a form: the same for an exact redelivery, and for nothing else."""
    view, requester = _mapping(body, "view"), form_requester(body)
    return content_key("form", requester.team_id, requester.user_id, _text(view, "id"), _hash(view))


def view_id_of(body: Mapping[str, Any]) -> str:
    """The id of the form on the screen."""
    return _text(_mapping(body, "view"), "id")


def hash_of(body: Mapping[str, Any]) -> str:
    """The hash of the form on the screen: each update of it has another one."""
    return _hash(_mapping(body, "view"))


def is_of_form(body: Mapping[str, Any], callback_id: str) -> bool:
    """Whether it happened in a form of that callback_id."""
    return _text(_mapping(body, "view"), "callback_id") == callback_id


def wish_for_plan(body: Mapping[str, Any], chosen_vm: Callable[[str], str]) -> Wish:
    """The wish of the first form, which names a VM. Raises FieldsUnreadable.

    `chosen_vm`: the full id of a VM by what stands for it in the list; empty: not known any more.
    """
    metadata, vm = metadata_of(body), _vm_named(_mapping(body, "view"), chosen_vm)
    minutes = metadata.get("keep_minutes")
    known = isinstance(minutes, int) and 0 < minutes < 10**6
    return of_form(
        vm,
        reason=_text(metadata, "reason", REASON_LIMIT),
        disks=tuple(storable(str(each)) for each in _sequence(metadata, "disks")),
        consistent=metadata.get("consistent") is True,
        keep=timedelta(minutes=minutes) if known and isinstance(minutes, int) else None,
        break_glass=metadata.get("break_glass") is True,
    )


def _vm_named(view: Mapping[str, Any], chosen_vm: Callable[[str], str]) -> str:
    typed, tokens = _filled(view, VM, NAME_LIMIT), _chosen(view, CHOSEN_VM)
    if typed and tokens:
        raise FieldsUnreadable({VM: "Choose a VM from the list or type its name, not both."})
    if not typed and not tokens:
        raise FieldsUnreadable({VM: "Choose a VM from the list, or type a name like web-01."})
    if tokens and not (vm := chosen_vm(tokens[0])):
        gone = "This VM is not in the list any more. Choose again, or type its name."
        raise FieldsUnreadable({CHOSEN_VM: gone})
    return typed or vm


def wish_of(body: Mapping[str, Any], bounds: Bounds) -> Wish:
    """The wish of the form with the plan. Raises FieldsUnreadable, also for the retention."""
    return _wish(body, bounds, {} if filled(body, REASON) else {REASON: _SAY_WHY})


def wish_for_cost(body: Mapping[str, Any], bounds: Bounds) -> Wish:
    """The same while the form is filled in: the reason may come later."""
    return _wish(body, bounds, {})


def _wish(body: Mapping[str, Any], bounds: Bounds, errors: dict[str, str]) -> Wish:
    view, metadata = _mapping(body, "view"), metadata_of(body)
    reason, keep = _filled(view, REASON), None
    try:
        keep = parse_duration(_filled(view, KEEP))
    except UsageError as error:
        errors[KEEP] = str(error)
    glass = metadata.get("break_glass") is True
    if keep is not None and (wrong := out_of_bounds(keep, bounds, break_glass=glass)):
        errors[KEEP] = wrong
    chosen, offered = _chosen(view, DISKS), _offered(view, DISKS)
    if offered and not chosen:
        errors[DISKS] = "Choose at least one disk."
    if errors:
        raise FieldsUnreadable(errors)
    return of_form(
        _text(metadata, "vm", NAME_LIMIT),
        reason=reason,
        disks=chosen if set(chosen) != set(offered) or metadata.get("disks") else (),
        consistent=_chosen(view, HOW) == (CONSISTENT,),
        keep=keep,
        break_glass=glass,
    )


# --- the fields of any form ------------------------------------------------------------------


def chosen(body: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    """The values that are chosen in a field of a sent form."""
    return _chosen(_mapping(body, "view"), block_id)


def offered(body: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    """The values that a field of a sent form offered."""
    return _offered(_mapping(body, "view"), block_id)


def carried(body: Mapping[str, Any], name: str) -> str:
    """A text of the form's metadata."""
    return _text(metadata_of(body), name)


# --- the shapes of Slack's payloads ----------------------------------------------------------


def filled(body: Mapping[str, Any], block_id: str, limit: int = REASON_LIMIT) -> str:
    """What was typed into a field of a form that was sent."""
    return _filled(_mapping(body, "view"), block_id, limit)


def _filled(view: Mapping[str, Any], block_id: str, limit: int = REASON_LIMIT) -> str:
    return _text(_state(view, block_id), "value", limit).strip()


def _chosen(view: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    state = _state(view, block_id)
    one = state.get("selected_option")
    many = [one] if isinstance(one, Mapping) else _sequence(state, "selected_options")
    return _values(many)


def _offered(view: Mapping[str, Any], block_id: str) -> tuple[str, ...]:
    for block in _sequence(view, "blocks"):
        if isinstance(block, Mapping) and block.get("block_id") == block_id:
            return _values(_sequence(_mapping(block, "element"), "options"))
    return ()


def _values(options: Sequence[Any]) -> tuple[str, ...]:
    values = (_text(each, "value") for each in options[:_OPTIONS] if isinstance(each, Mapping))
    return tuple(value for value in values if value)


def _state(view: Mapping[str, Any], block_id: str) -> Mapping[str, Any]:
    values = _mapping(_mapping(view, "state"), "values")
    return _mapping(_mapping(values, block_id), block_id)


def metadata_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the bot put into the form's private_metadata; empty where it is not readable."""
    try:
        metadata = json.loads(str(_mapping(body, "view").get("private_metadata") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, Mapping) else {}


def _hash(view: Mapping[str, Any]) -> str:
    return _text(view, "hash")


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _sequence(value: Mapping[str, Any], name: str) -> Sequence[Any]:
    inner = value.get(name)
    return inner if isinstance(inner, list | tuple) else ()


def _text(value: Mapping[str, Any], name: str, limit: int = 255) -> str:
    inner = value.get(name)
    return storable(inner, limit) if isinstance(inner, str) else ""
