"""Converts rows to values and back: the JSON of plans and wishes, and text that can be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, LiteralString

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from bot.database.pool import Connection
from bot.requests.action import Action
from bot.requests.model import (
    Approval,
    Click,
    ClickKind,
    InAzure,
    Kind,
    Money,
    Point,
    Requester,
    RequestPlan,
    Step,
    StepState,
    Wish,
)
from bot.requests.request import ActionRows, Request
from bot.requests.states import State

Row = Mapping[str, Any]

#: The columns that a Request holds unchanged.
_PLAIN = (
    "id",
    "revision",
    "version",
    "channel_id",
    "asked_at",
    "decide_by",
    "approved_at",
    "begin_by",
    "finished_at",
    "expires_at",
    "reminded_at",
    "why",
    "cancel_asked_by",
    "button",
    "attempts",
    "look_by",
    "looked_by",
    "free_at",
    "undo_began",
)


@cache
def _plans() -> TypeAdapter[RequestPlan]:
    return TypeAdapter(RequestPlan)


@cache
def _wishes() -> TypeAdapter[Wish]:
    return TypeAdapter(Wish)


async def scalar(connection: Connection, query: LiteralString, values: Sequence[Any] = ()) -> Any:
    """The first value of the answer; None where there is no row."""
    row = await (await connection.execute(query, values)).fetchone()
    return None if row is None else row[0]


def storable(value: Any) -> Any:
    """The same with every text as PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    if isinstance(value, str):
        if value.isprintable():  # nearly always, and then nothing is to be replaced
            return value
        whole = value.encode("utf-8", "replace").decode("utf-8")
        return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [storable(each) for each in value]
    return value


def as_json(value: Any) -> Any:
    """JSON that reads back as the same value; a value that JSON cannot hold becomes a text."""
    if isinstance(value, Mapping):
        return {str(storable(str(key))): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(each) for each in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime | timedelta):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    return storable(str(value))  # a float, too: jsonb writes 1e22 differently


def plan_json(plan: RequestPlan) -> Jsonb:
    """A plan as the column `plan` holds it."""
    return Jsonb(storable(_plans().dump_python(plan, mode="json")))


def wish_json(wish: Wish) -> Jsonb:
    """A wish as the column `wish` holds it."""
    return Jsonb(storable(_wishes().dump_python(wish, mode="json")))


def request_of(row: Row, actions: ActionRows) -> Request:
    """The request of a row of `requests`, with the row of its action."""
    return Request(
        **{name: row[name] for name in _PLAIN},
        row=actions[Action(row["action"])],
        state=State(row["state"]),
        wish=_wishes().validate_python(row["wish"]),
        plan=None if row["plan"] is None else _plans().validate_python(row["plan"]),
        requester=Requester(
            team_id=row["requester_team"],
            user_id=row["requester_user"],
            user_name=row["requester_name"],
            channel_id=row["requester_channel"],
        ),
    )


def approval_of(row: Row) -> Approval:
    """The approval of a row of `approvals`."""
    names = ("request_id", "revision", "user_id", "user_name", "plan_hash", "why_allowed", "at")
    return Approval(**{name: row[name] for name in names})


CLICK_COLUMNS = (
    "id",
    "kind",
    "button",
    "team_id",
    "user_id",
    "user_name",
    "channel_id",
    "message_ts",
    "trace",
    "text",
)


def click_of(row: Row) -> Click:
    """The click of a row of `clicks`."""
    values = {name: row[name] for name in CLICK_COLUMNS}
    return Click(**values | {"kind": ClickKind(row["kind"])})


STEP_COLUMNS = (
    "number",
    "verb",
    "target_id",
    "body",
    "what",
    "after",
    "state",
    "percent",
    "why",
    "disk_id",
    "attempts",
    "accepted",
    "conflicts",
    "lost",
    "operation",
    "ask_at",
    "undoing",
    "unique_id",
    "time_created",
)


def step_of(row: Row) -> Step:
    """The step of a row of `steps`."""
    values = {name: row[name] for name in STEP_COLUMNS}
    return Step(**values | {"state": StepState(row["state"])})


def step_values(step: Step) -> dict[str, Any]:
    """A step as the values of its columns."""
    return {name: column_value(getattr(step, name)) for name in STEP_COLUMNS}


POINT_COLUMNS = (
    "arm_id",
    "kind",
    "request_id",
    "vm_id",
    "vm_name",
    "disk_id",
    "disk_name",
    "size_gib",
    "region",
    "unique_id",
    "time_created",
    "made_at",
    "expires_at",
    "plan_hash",
    "requester_id",
    "approver_ids",
    "currency",
    "deleted_at",
    "delete_after",
    "in_azure",
    "looked_at",
    "not_read",
)


def point_of(row: Row) -> Point:
    """The point of a row of `points`."""
    values = {name: row[name] for name in POINT_COLUMNS}
    cost = Money(row["cost_low"], row["cost_likely"], row["cost_high"])
    own = {"kind": Kind(row["kind"]), "approver_ids": tuple(row["approver_ids"])}
    own |= {"in_azure": InAzure(row["in_azure"])}
    return Point(**values | own, cost_a_month=None if row["cost_low"] is None else cost)


def point_values(point: Point) -> dict[str, Any]:
    """A point as the values of its columns."""
    cost = point.cost_a_month or (None, None, None)
    money = dict(zip(("cost_low", "cost_likely", "cost_high"), cost, strict=True))
    values = {name: column_value(getattr(point, name)) for name in POINT_COLUMNS}
    return values | money | {"arm_key": str(values["arm_id"]).lower()}


def column_value(value: Any) -> Any:
    """A field's value as its column holds it: mappings as JSON, texts that can be stored."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return Jsonb(storable(value))
    if isinstance(value, str | list | tuple):
        return storable(value)
    return value
