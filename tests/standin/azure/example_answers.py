"""What the stand-in answers to every operation of which there is an example, by operation.

An operation that takes time is followed to its end: what its Location gives, or the resource it
was about, counts as its 200 too.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp

from deploy.local.azure.calls import Operation, Table
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.services import SERVICES

TABLE = Table(operation for service in SERVICES for operation in service)
#: The names of all operations that the stand-in serves.
SERVED = frozenset(operation.name for service in SERVICES for operation in service)
_LONGEST = 200  #: minutes of the world's time that a piece of work may take


@dataclass(frozen=True)
class Answered:
    """One answer to an operation."""

    status: int
    headers: frozenset[str]  #: their names, lower-cased
    body: Any = None


@dataclass
class Recorder:
    """Asks a stand-in and writes down what each operation answered."""

    azure: AzureStandIn
    session: aiohttp.ClientSession
    answers: dict[str, list[Answered]] = field(default_factory=lambda: defaultdict(list))

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The body of the answer, or of what came of it in the end; no error is taken."""
        operation = _operation(method, path)
        status, found, headers = await self._send(method, path, body, query)
        assert status < 400, f"{operation.name}: {status} {found}"
        self._note(operation, status, headers, found)
        if status == 200 and method == "GET":
            return found
        if "Azure-AsyncOperation" in headers or "Location" in headers:
            found = await self._outcome(operation, method, path, headers, found)
        return found

    async def begin(self, method: str, path: str, body: Any = None) -> Any:
        """The headers of an answer whose work is left to go on."""
        operation = _operation(method, path)
        status, found, headers = await self._send(method, path, body, {})
        assert status < 400, f"{operation.name}: {status} {found}"
        self._note(operation, status, headers, found)
        return headers

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of an answer that is no success."""
        status, found, _ = await self._send(method, path, body, {})
        assert status >= 400, found
        return status, found

    async def _outcome(
        self, operation: Operation, method: str, path: str, headers: Any, first: Any
    ) -> Any:
        if "Location" in headers:
            await self._look(headers["Location"])
        if "Azure-AsyncOperation" in headers:
            await self._until_over(headers["Azure-AsyncOperation"])
        status, found = 204, None
        if "Location" in headers:
            status, found = await self._result(headers["Location"])
        if found is None and method in ("PUT", "PATCH"):
            status, found, _ = await self._send("GET", path, None, {})
        if status == 200:
            self._note(operation, status, {}, found)
        return found if found is not None else first

    async def _until_over(self, url: str) -> None:
        """Asked once while it goes on, so that such a status is written down as well."""
        for _ in range(_LONGEST):
            found = await self.ask("GET", self._path(url))
            if found["status"] != "InProgress":
                assert found["status"] == "Succeeded", found
                return
            self.azure.world.forward(timedelta(minutes=1))
        raise AssertionError(f"no end of {url}")

    async def _look(self, url: str) -> tuple[int, Any]:
        path = self._path(url)
        status, found, headers = await self._send("GET", path, None, {})
        self._note(_operation("GET", path), status, headers, found)
        return status, found

    async def _result(self, url: str) -> tuple[int, Any]:
        for _ in range(_LONGEST):
            status, found = await self._look(url)
            if status != 202:
                return status, found
            self.azure.world.forward(timedelta(minutes=1))
        raise AssertionError(f"no end of {url}")

    async def _send(
        self, method: str, path: str, body: Any, query: dict[str, str]
    ) -> tuple[int, Any, Any]:
        asked = query if "api-version" in path else {"api-version": "2026-10-01", **query}
        async with self.session.request(method, path, json=body, params=asked) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None, answer.headers

    def _note(self, operation: Operation, status: int, headers: Any, body: Any) -> None:
        names = frozenset(name.lower() for name in headers)
        self.answers[operation.name].append(Answered(status, names, body))

    def _path(self, url: str) -> str:
        return url.removeprefix(self.azure.url)


def _operation(method: str, path: str) -> Operation:
    found = TABLE.find(method, quote(path.partition("?")[0], safe="/%;:=@"))
    assert found, f"{method} {path} is not served"
    return found[0]
