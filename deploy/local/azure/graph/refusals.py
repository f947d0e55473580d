"""Resource Graph's error bodies, as recorded: a code, a line for support, and what is wrong."""

from __future__ import annotations

import re
from datetime import datetime

from deploy.local.azure.calls import Refusal
from deploy.local.azure.graph.engine import DatabaseError, KqlError
from deploy.local.azure.graph.limits import Excess
from deploy.local.azure.world import Body, World

INVALID_QUERY = {
    "code": "InvalidQuery",
    "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph "
    "service and fix the error before retrying.",
}
_THROTTLED = {
    "code": "RateLimiting",
    "message": "Client application has been throttled and should not attempt to repeat the "
    "request until an amount of time has elapsed. Please see "
    "https://aka.ms/resourcegraph-throttling for help.",
}
_UNKNOWN_COLUMN = re.compile(r'Referenced column "([^"]+)"')
_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")


def refused(world: World, *details: Body, code: str = "BadRequest", status: int = 400) -> Refusal:
    """An error whose details say what is wrong."""
    return Refusal(
        status, code, _for_support(world.now, world.new_guid()), details=[dict(d) for d in details]
    )


def throttled(world: World) -> Refusal:
    """429, without a Retry-After: the wait is in the quota's headers."""
    return refused(world, _THROTTLED, code="RateLimiting", status=429)


def beyond(world: World, excess: Excess) -> Refusal:
    """A query that goes beyond a limit."""
    return refused(world, INVALID_QUERY, {"code": excess.code, "message": excess.message})


def not_run(world: World, error: Exception) -> Refusal:
    """A query that did not parse or did not run. What only this stand-in cannot run is a 501."""
    diagnostics = getattr(error, "diagnostics", ())
    if diagnostics:
        first = diagnostics[0]
        token = re.search(r"input '(.*?)'", first.message)
        failure = parser_failure(first.span.line, first.span.column, token[1] if token else "")
        return refused(world, INVALID_QUERY, failure)
    if isinstance(error, KqlError) and hasattr(error, "construct"):
        message = f"This stand-in cannot run the query: {error}."
        return Refusal(501, "NotSupportedByStandIn", message)
    if isinstance(error, DatabaseError | KqlError):
        return refused(world, INVALID_QUERY, {"code": "SemanticError", "message": _words(error)})
    raise error


def parser_failure(line: int, column: int, token: str) -> Body:
    """Where a query stops being KQL: `line` from 1, `column` from 0."""
    return {
        "code": "ParserFailure",
        "message": "ParserFailure",
        "line": line,
        "characterPositionInLine": column,
        "token": token,
        "expectedToken": "",
    }


def _words(error: Exception) -> str:
    text = str(error)
    if column := _UNKNOWN_COLUMN.search(text):
        return f"Failed to resolve column or scalar expression named '{column[1]}'"
    if table := _UNKNOWN_TABLE.search(text):
        return f"Failed to resolve table or column expression named '{table[1]}'"
    return text.splitlines()[0]


def _for_support(now: datetime, correlation_id: str) -> str:
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    return (
        "Please provide below info when asking for support: "
        f"timestamp = {stamp}, correlationId = {correlation_id}."
    )
