"""`POST /providers/Microsoft.ResourceGraph/resources`: scope, limits, pages and both formats."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from deploy.local.azure.calls import Answer, Call, Operation, Refusal
from deploy.local.azure.graph.engine import DatabaseError, Engine, KqlError, Table, completed
from deploy.local.azure.graph.facets import facets_of
from deploy.local.azure.graph.limits import excess
from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.graph.refusals import (
    INVALID_QUERY,
    beyond,
    not_run,
    parser_failure,
    refused,
    throttled,
)
from deploy.local.azure.graph.rows import Seen
from deploy.local.azure.world import Body, World

DEFAULT_ROWS = 100
MOST_ROWS = 1000
_SUBSCRIPTION = re.compile(r"[0-9a-f-]{36}")
_GROUP_TYPE = "Microsoft.Management/managementGroups"


class Page(NamedTuple):
    """Which rows are asked for."""

    top: int
    skip: int
    is_table: bool
    by_token: bool


async def resources(call: Call) -> Answer:
    """Runs the query of the request."""
    may, headers = call.world.part(Quota).take(str(call.caller.get("oid", "")))
    try:
        if not may:
            raise throttled(call.world)
        return Answer(200, await _answer(call), headers)
    except Refusal as refusal:
        return Answer(refusal.status, refusal.body, {**refusal.headers, **headers})


async def _answer(call: Call) -> Body:
    world, body = call.world, call.body
    query = _query(world, body)
    if over := excess(query):
        raise beyond(world, over)
    page = _page(world, body.get("options") or {})
    scope = _subscriptions(world, body)
    table = await _run(world, completed(query), scope)
    answer = _paged(world, table, page)
    asked = body.get("facets") or []
    if asked:
        engine = world.part(Engine)
        ask = lambda text: engine.ask(text, scope, world.now)  # noqa: E731 - bound to this call
        answer["facets"] = await asyncio.to_thread(facets_of, asked, completed(query), ask)
    return answer


async def _run(world: World, query: str, scope: Sequence[str] | None) -> Table:
    engine, changes, now = world.part(Engine), world.part(Seen).changes(world), world.now

    def work() -> Table:
        engine.update(changes)
        return engine.ask(query, scope, now)

    try:
        return await asyncio.to_thread(work)
    except (KqlError, DatabaseError) as error:
        raise not_run(world, error) from error


async def made_ready(world: World, queries: Sequence[str]) -> None:
    """Answer these queries for everybody once, so that whoever asks them next waits for no work."""
    for query in queries:
        await _run(world, completed(query), None)


def _query(world: World, body: Any) -> str:
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str) or not query.strip():
        detail = {"code": "EmptyQuery", "message": "Query is empty."}
        raise refused(world, INVALID_QUERY, detail)
    if query.lstrip().startswith("."):
        raise refused(world, INVALID_QUERY, parser_failure(1, 0, "."))
    return query


def _subscriptions(world: World, body: Mapping[str, Any]) -> list[str] | None:
    """The subscriptions looked at, lower-cased; None for everything one may read."""
    named = [str(one).lower() for one in body.get("subscriptions") or ()]
    for one in named:
        if not _SUBSCRIPTION.fullmatch(one):
            message = f"Subscription id '{one}' is not a valid GUID."
            raise refused(world, {"code": "InvalidSubscriptionId", "message": message})
    groups = [str(one) for one in body.get("managementGroups") or ()]
    if not groups:
        return named or None
    return named + [one for group in groups for one in _of_group(world, group)]


def _of_group(world: World, name: str) -> list[str]:
    """The subscriptions of a management group: its `properties.subscriptions`, or every one
    where the group is the tenant's root."""
    found = world.get(f"/providers/{_GROUP_TYPE}/{name}")
    if found:
        return [str(one).lower() for one in found["properties"]["subscriptions"]]
    if name.lower() == world.tenant_id.lower():
        parts = (key.split("/") for key in world.resources)
        return sorted({part[2] for part in parts if len(part) > 2})
    message = f"The management group '{name}' was not found or may not be read."
    raise refused(world, {"code": "ManagementGroupNotFound", "message": message})


def _page(world: World, options: Mapping[str, Any]) -> Page:
    said = {name: value for name, value in options.items() if value is not None}
    top, skip = said.get("$top", DEFAULT_ROWS), said.get("$skip", 0)
    if not isinstance(top, int) or not 1 <= top <= MOST_ROWS:
        raise _invalid(world, "$top", f"between 1 and {MOST_ROWS}")
    if not isinstance(skip, int) or skip < 0:
        raise _invalid(world, "$skip", "0 or more")
    format_ = said.get("resultFormat", "objectArray")
    if format_ not in ("objectArray", "table"):
        raise _invalid(world, "resultFormat", "objectArray or table")
    token = said.get("$skipToken")
    if token:
        top, skip = _of_token(world, str(token))
    return Page(top, skip, format_ == "table", bool(token))


def _invalid(world: World, name: str, wanted: str) -> Refusal:
    message = f"The value of '{name}' must be {wanted}."
    return refused(world, {"code": "InvalidQueryOptions", "message": message})


def _paged(world: World, table: Table, page: Page) -> Body:
    """One page. Without a column `id` there is no next one: the answer is cut and says so."""
    has_id = any(name == "id" for name, _ in table.columns)
    if page.by_token and not has_id:
        message = "The query must project the 'id' column for pagination to work."
        raise refused(world, {"code": "InvalidPagination", "message": message})
    total, end = len(table.rows), page.skip + page.top
    rows = table.rows[page.skip : end]
    is_more = end < total
    answer: Body = {
        "totalRecords": total,
        "count": len(rows),
        "data": _data(table, rows, page),
        "facets": [],
        "resultTruncated": "true" if is_more and not has_id else "false",
    }
    if is_more and has_id:
        answer["$skipToken"] = _token(page.top, end)
    return answer


def _data(table: Table, rows: Sequence[tuple[Any, ...]], page: Page) -> Any:
    names = [name for name, _ in table.columns]
    if not page.is_table:
        return [dict(zip(names, row, strict=True)) for row in rows]
    columns = [{"name": name, "type": kind} for name, kind in table.columns]
    return {"columns": columns, "rows": [list(row) for row in rows]}


def _token(top: int, skip: int) -> str:
    """As recorded: base64 of a JSON object."""
    fields = {"$id": "1", "MaxRows": top, "RowsToSkip": skip}
    return base64.b64encode(json.dumps(fields).encode()).decode()


def _of_token(world: World, token: str) -> tuple[int, int]:
    try:
        fields = json.loads(base64.b64decode(token, validate=True))
        return int(fields["MaxRows"]), int(fields["RowsToSkip"])
    except (ValueError, KeyError, TypeError) as error:
        message = "The skip token is not valid."
        raise refused(world, {"code": "InvalidSkipToken", "message": message}) from error


OPERATIONS = (
    Operation(
        "ResourceGraph_Resources",
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        resources,
    ),
)
