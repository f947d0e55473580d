"""A small Azure Resource Manager on loopback: Resource Graph executing KQL, metrics, and faults."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiohttp import web

from tests.wire.kql import Graph, refusal

TOKEN = "a-token-of-the-tests"
IDENTITY_HEADER = "a-header-of-the-tests"
GRAPH_PATH = "/providers/Microsoft.ResourceGraph/resources"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Asked(NamedTuple):
    """One request as it arrived; `query` is the KQL, or the metric's name."""

    method: str
    path: str
    api_version: str
    query: str
    body: dict[str, Any]
    parameters: dict[str, str]
    at: float


class Fault(NamedTuple):
    """Instead of the answer to a request whose query holds `of`; `times` left, -1 for ever."""

    of: str
    answer: Answer
    times: int


class ArmServer:
    """Real over the wire; everything it was asked stands in `asked`."""

    def __init__(self, graph: Graph, *, page_rows: int = 1000) -> None:
        self.asked: list[Asked] = []
        self.metrics: dict[tuple[str, str], list[tuple[datetime, float | None]]] = {}
        self.quota: list[dict[str, str]] = []  #: headers of the next pages
        self.truncated = False
        self.resources_signed_in_to: list[str] = []
        self._graph = graph
        self._page_rows = page_rows
        self._faults: list[Fault] = []
        self._lock = asyncio.Lock()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def fail(self, of: str, answer: Answer, times: int = -1) -> None:
        self._faults.append(Fault(of, answer, times))

    def measure(self, vm: str, label: str, until: datetime, per_second: list[float | None]) -> None:
        """Hourly means that end at `until`; `label` is a LUN, or empty for the OS disk."""
        hours = len(per_second)
        self.metrics[vm.lower(), label] = [
            (until - timedelta(hours=hours - number), value)
            for number, value in enumerate(per_second)
        ]

    async def __aenter__(self) -> ArmServer:
        app = web.Application()
        app.router.add_post(GRAPH_PATH, self._resources)
        app.router.add_get("/{resource:.+}/providers/Microsoft.Insights/metrics", self._metrics)
        app.router.add_get("/{vault:.+/vaults/[^/]+}/{jobs:backupJobs|replicationJobs}", self._jobs)
        app.router.add_get("/identity/token", self._token)
        app.router.add_get("/{resource:.+/restorePointCollections/[^/]+}", self._collection)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _token(self, request: web.Request) -> web.StreamResponse:
        """A managed identity's endpoint, as App Service and Container Apps have it."""
        if request.headers.get("X-IDENTITY-HEADER") != IDENTITY_HEADER:
            return web.json_response({"statusCode": 400}, status=400)
        self.resources_signed_in_to.append(request.query["resource"])
        ends = str(int(time.time()) + 3600)
        return web.json_response(
            {"access_token": TOKEN, "expires_on": ends, "token_type": "Bearer", "resource": "r"}
        )

    async def _jobs(self, request: web.Request) -> web.StreamResponse:
        """The jobs of a vault: none."""
        if fault := self._met(request, request.match_info["jobs"], {}):
            return await fault.answer(request)
        return web.json_response({"value": []})

    async def _resources(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if fault := self._met(request, body["query"], body):
            return await fault.answer(request)
        if code := refusal(body["query"]):
            return error_answer(400, code)
        rows = await self._rows(body)
        options = body["options"]
        start = int(base64.b64decode(options["$skipToken"])) if options.get("$skipToken") else 0
        end = start + min(options["$top"], self._page_rows)
        token = base64.b64encode(str(end).encode()).decode() if end < len(rows) else None
        page = {
            "totalRecords": len(rows),
            "count": len(rows[start:end]),
            "data": rows[start:end],
            "facets": [],
            "resultTruncated": "true" if self.truncated or token else "false",
        }
        if token and not self.truncated:
            page["$skipToken"] = token
        quota = {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
        return web.json_response(page, headers=self.quota.pop(0) if self.quota else quota)

    async def _rows(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        async with self._lock:
            rows = await asyncio.to_thread(self._graph.ask, body["query"])
        scope = body.get("subscriptions")
        return [row for row in rows if not scope or row["subscriptionId"] in scope]

    async def _collection(self, request: web.Request) -> web.StreamResponse:
        """A collection with its points, as ARM has it."""
        arm_id = f"/{request.match_info['resource']}"
        if fault := self._met(request, arm_id, {}):
            return await fault.answer(request)
        text = f"resources | where id startswith '{arm_id}' | project id, name, type, properties"
        rows = await self._rows({"query": f"{text}, location"})
        (body,) = (row for row in rows if row["id"] == arm_id)
        points = [row for row in rows if row["id"] != arm_id]
        body["properties"] = body["properties"] | {"restorePoints": points}
        return web.json_response(body)

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        name = request.query["metricnames"]
        if fault := self._met(request, name, {}):
            return await fault.answer(request)
        by_lun = request.query.get("$filter") == "LUN eq '*'"
        vm = f"/{request.match_info['resource']}".lower()
        lines = [
            {"metadatavalues": _metadata(label), "data": [_point(*one) for one in points]}
            for (of, label), points in self.metrics.items()
            if of == vm and bool(label) == by_lun
        ]
        metric = {"id": "m", "type": "Microsoft.Insights/metrics", "unit": "BytesPerSecond"}
        metric |= {"name": {"value": name}, "errorCode": "Success", "timeseries": lines}
        return web.json_response({"cost": 1, "timespan": "t", "value": [metric]})

    def _met(self, request: web.Request, query: str, body: dict[str, Any]) -> Fault | None:
        """Writes the request down, holds it to its token, and finds the fault it meets."""
        parameters = dict(request.query)
        version = parameters.get("api-version", "")
        self.asked.append(
            Asked(request.method, request.path, version, query, body, parameters, time.monotonic())
        )
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Fault("", answering(401, "InvalidAuthenticationToken"), -1)
        for number, fault in enumerate(self._faults):
            if fault.of in query and fault.times:
                self._faults[number] = fault._replace(times=fault.times - 1)
                return fault
        return None


def answering(
    status: int, code: str, message: str = "No.", headers: dict[str, str] | None = None
) -> Answer:
    """A fault: this status with ARM's error body."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return error_answer(status, code, message, headers)

    return answer


def error_answer(
    status: int, code: str, message: str = "No.", headers: dict[str, str] | None = None
) -> web.Response:
    body = {"error": {"code": code, "message": message}}
    return web.json_response(body, status=status, headers=headers)


def saying(body: object, headers: dict[str, str] | None = None) -> Answer:
    """A fault: 200 with a body of one's own."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, headers=headers)

    return answer


async def hanging(_: web.Request) -> web.StreamResponse:
    """A fault: no answer for longer than anybody waits."""
    await asyncio.sleep(600)
    raise AssertionError("nobody waits so long")


async def cut_off(request: web.Request) -> web.StreamResponse:
    """A fault: the connection is closed in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 1000
    await response.prepare(request)
    await response.write(json.dumps({"totalRecords": 1}).encode()[:-1])
    assert request.transport
    request.transport.close()
    return response


async def not_json(_: web.Request) -> web.StreamResponse:
    """A fault: half a body that claims to be whole."""
    return web.Response(text='{"totalRecords": 1, "data": [{"id"', content_type="application/json")


def _metadata(label: str) -> list[dict[str, Any]]:
    return [{"name": {"value": "lun"}, "value": label}] if label else []


def _point(at: datetime, value: float | None) -> dict[str, Any]:
    point: dict[str, Any] = {"timeStamp": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return point if value is None else point | {"average": value}


class StaticCredential:
    """An azure-core AsyncTokenCredential with one token; counts how often it was asked."""

    def __init__(self, token: str = TOKEN) -> None:
        self.times_asked = 0
        self._token = token

    async def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        self.times_asked += 1
        await asyncio.sleep(0)
        return AccessToken(self._token, int(time.time()) + 3600)

    async def close(self) -> None:
        return None
