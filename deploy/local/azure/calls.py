"""One request to the stand-in and its answer, and the table that leads from one to the other.

ARM's paths are read in any case and with percent-escapes; services list their operations as
rows of (method, path, handler). A path segment in braces is a parameter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from deploy.local.azure.world import Body, World


@dataclass(frozen=True)
class Call:
    """One request: `params` are the path's parameters as the caller spelt them, unescaped."""

    world: World
    method: str
    path: str  #: unescaped, as spelt
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    base_url: str  #: http://127.0.0.1:PORT, for the links in answers
    caller: Mapping[str, Any] = field(default_factory=dict)  #: the token's claims
    #: the error that the long-running work of this request is to end in, by a fault
    failing: Body | None = None

    @property
    def body(self) -> Any:
        """The request's JSON; an empty body is {}. Raises Refusal for what is no JSON."""
        if not self.raw:
            return {}
        try:
            return json.loads(self.raw)
        except ValueError as error:
            raise Refusal(
                400, "InvalidRequestContent", f"The request content was invalid: {error}"
            ) from error

    @property
    def fields(self) -> Body:
        """The request's JSON object. Raises Refusal 400 for anything else, and for `properties`
        or `tags` that are no objects."""
        body = self.body
        if not isinstance(body, dict):
            raise Refusal(400, "InvalidRequestContent", "The request content is no JSON object.")
        for name in ("properties", "tags", "sku"):
            if not isinstance(body.get(name), dict | None):
                message = f"The request content was invalid: '{name}' is no JSON object."
                raise Refusal(400, "InvalidRequestContent", message)
        return body


@dataclass(frozen=True)
class Answer:
    """What goes back. `body` None means an empty one."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request Azure refuses, in ARM's error shape."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: list[Body] | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})
        error: Body = {"code": code, "message": message}
        if details:
            error["details"] = details
        self.body = body if body is not None else {"error": error}

    def answer(self) -> Answer:
        return Answer(self.status, self.body, self.headers)


Handler = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Operation:
    """One row: `name` is what request counts and faults call it, such as Snapshots_CreateOrUpdate.

    `anonymous` ones (signing in, public prices) want neither a token nor an api-version.
    """

    name: str
    method: str
    path: str
    handler: Handler
    anonymous: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.path)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    text = "".join(
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in parts
    )
    return re.compile(f"^{text}/?$", re.IGNORECASE)


class Table:
    """All operations of the stand-in."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._rows = [(operation, operation.pattern) for operation in operations]

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and its parameters, or None. Paths are matched before unescaping."""
        for operation, pattern in self._rows:
            match = pattern.match(raw_path) if operation.method == method else None
            if match:
                return operation, {name: unquote(text) for name, text in match.groupdict().items()}
        return None

    def methods(self, raw_path: str) -> list[str]:
        """The methods the path has, so that a wrong one is a 405 and not a 404."""
        return sorted({op.method for op, pattern in self._rows if pattern.match(raw_path)})


RESOURCE_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"


def page(values: list[Body], next_link: str | None = None) -> Answer:
    """A list as ARM gives it; `nextLink` only where there is another page."""
    body: Body = {"value": values}
    if next_link:
        body["nextLink"] = next_link
    return Answer(200, body)
