"""One trace from the command in Slack through the stored job to Azure, and back to Slack."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from advisor.azure.operation_names import operation_name
from bot.traces import ENDPOINT_VARIABLE
from tests.databases import Served
from tests.docs.tables import ROOT
from tests.journeys.requesting_system import requesting

PATIENCE_SECONDS = 60.0
PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class Span:
    """What the receiver was told of a span."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    said: str  #: its attributes as text


@dataclass
class Receiver:
    """An OTLP/HTTP receiver on loopback: what a collector is."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        self.spans += [
            Span(
                each.name,
                each.trace_id.hex(),
                each.span_id.hex(),
                each.parent_span_id.hex(),
                " ".join(f"{one.key}={one.value}" for one in each.attributes),
            )
            for resource in told.resource_spans
            for scope in resource.scope_spans
            for each in scope.spans
        ]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type=PROTOBUF)

    def of(self, trace_id: str) -> list[Span]:
        return [each for each in self.spans if each.trace_id == trace_id]

    async def until(self, is_there: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_there():
                await asyncio.sleep(0.1)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/v1/traces", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield receiver
    finally:
        await runner.cleanup()


async def test_one_trace_leads_from_the_command_over_the_queue_to_azure_and_back(
    served: Served,
) -> None:
    async with receiving() as receiver:
        more = {ENDPOINT_VARIABLE: receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        async with requesting(served.url, more=more) as desk:
            request_id = await desk.ask_for("snapshot web-01 before kernel update --keep 3d")
            card = await desk.card(request_id)
            [row] = await desk.rows("SELECT trace FROM requests WHERE id = %s", request_id)
            trace_id = str(row["trace"]).split("-")[1]
            assert not (await desk.slack.press("grace", card, "request:approve")).problem
            await desk.until_shown(card.channel, lambda one: "It is taken" in one.text)
            wanted = {
                "slack command",
                "job carry_on",
                "azure POST Microsoft.ResourceGraph/resources",
                "azure PUT Microsoft.Compute/snapshots",
                "message to slack",
                "slack chat.postMessage",
            }

            def is_whole() -> bool:
                return wanted <= {each.name for each in receiver.of(trace_id)}

            await receiver.until(is_whole)
            [pressed] = await desk.rows("SELECT trace FROM clicks WHERE trace <> ''")
    spans = receiver.of(trace_id)
    [command] = [each for each in spans if each.name == "slack command"]
    jobs = [each for each in spans if each.name == "job carry_on"]
    assert {each.parent_id for each in jobs} == {command.span_id}
    puts = [each for each in spans if each.name.startswith("azure PUT")]
    assert {each.parent_id for each in puts} <= {each.span_id for each in jobs}
    #: The click is a trace of its own, which goes on in the job that judges it.
    judged = receiver.of(str(pressed["trace"]).split("-")[1])
    assert {"slack block_actions", "job judge"} <= {each.name for each in judged}
    everything = " ".join(f"{each.name} {each.said}" for each in receiver.spans)
    assert request_id in everything
    for stranger in ("web-01", "rg-shop", "kernel", "grace", "ada", "U02GRACE", "xoxb"):
        assert stranger not in everything, stranger


_IMPORTED = """
import sys
from bot.traces import TRACING, current_trace, span
TRACING.begin("both")
with span("a") as says:
    says("b", 1)
print(current_trace() == "", [name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    ran = _python(_IMPORTED)
    assert ran.stdout == "True []\n", ran.stderr


def test_without_the_extra_one_sentence_says_what_to_install() -> None:
    hidden = "import os, sys; sys.modules['opentelemetry.sdk'] = None;"
    begin = "from bot.traces import TRACING; TRACING.begin('both')"
    ran = _python(f"{hidden} os.environ['{ENDPOINT_VARIABLE}'] = 'http://127.0.0.1:9'; {begin}")
    assert "pip install 'vmbackup[traces]'" in ran.stderr.splitlines()[-1]


def _python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _addresses() -> Iterator[tuple[str, str]]:
    arm = "https://management.azure.com"
    vm = (
        f"{arm}/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web-01"
    )
    yield f"{vm}/start?api-version=1", "Microsoft.Compute/virtualMachines/start"
    yield vm, "Microsoft.Compute/virtualMachines"
    yield f"{vm}/providers/Microsoft.Insights/metrics", "Microsoft.Insights/metrics"
    yield f"{arm}/providers/Microsoft.ResourceGraph/resources", "Microsoft.ResourceGraph/resources"
    yield f"{arm}/subscriptions/s/resourceGroups/web-01", "subscriptions/resourceGroups"
    yield f"{arm}/", "other"
    yield f"{arm}/providers", "other"


@pytest.mark.parametrize(("url", "name"), list(_addresses()))
def test_the_name_of_an_operation_has_types_and_no_names(url: str, name: str) -> None:
    assert operation_name(url) == name
