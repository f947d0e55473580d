"""Traces: from a command in Slack through the stored job to Azure and back (OpenTelemetry).

Nothing of OpenTelemetry is imported unless an endpoint is set. A span's name and attributes are
words of this program and ids: never a name of a VM or a person, and never a text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from advisor.errors import SettingsUnreadable

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
SERVICE = "vmbackup"

#: What the code between says of its span: the status of an answer, an outcome.
Says = Callable[[str, str | int], None]
Attributes = Mapping[str, str | int | bool]


class Tracing:
    """The tracer of the process, once there is one."""

    tracer: Any = None
    _provider: Any = None

    @property
    def is_on(self) -> bool:
        return self.tracer is not None

    def begin(self, part: str) -> None:
        """Send spans where OTEL_EXPORTER_OTLP_ENDPOINT says; without it nothing is done.

        `part` of the bot: listener, worker or both. Raises SettingsUnreadable without the extra.
        """
        if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
            return
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            reason = "its package is missing. Install it with: pip install 'vmbackup[traces]'"
            raise SettingsUnreadable("the environment", ENDPOINT_VARIABLE, reason) from None

        named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", SERVICE)}
        resource = Resource.create({**named, "vmbackup.part": part})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self._provider.get_tracer(SERVICE)

    def end(self) -> None:
        """Send what is there. Blocks for seconds where nobody takes it."""
        if self._provider is not None:
            self._provider.shutdown()
        self.tracer = self._provider = None


TRACING = Tracing()


@contextmanager
def span(name: str, attributes: Attributes | None = None, *, parent: str = "") -> Iterator[Says]:
    """A span while the block lasts, below the current one, or below `parent` (`current_trace`)."""
    if not TRACING.is_on:
        yield _says_nothing
        return
    from opentelemetry.trace import Status, StatusCode

    started = TRACING.tracer.start_as_current_span(
        name,
        context=_context_of(parent),
        attributes=dict(attributes or {}),
        record_exception=False,  # its text can be a stranger's
        set_status_on_exception=False,
    )
    with started as current:
        try:
            yield current.set_attribute
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(Status(StatusCode.ERROR))
            raise


def current_trace() -> str:
    """The current span as W3C's traceparent, to be kept in a row; empty: there is none."""
    if not TRACING.is_on:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def _context_of(parent: str) -> Any:
    """None: the current context."""
    if not parent:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _says_nothing(_name: str, _value: str | int) -> None:
    """Nobody listens."""


@contextmanager
def azure_span(method: str, operation: str) -> Iterator[Callable[[int | None], None]]:
    """A request to Azure; `operation` has the types of resources and no names."""
    named = {"http.request.method": method, "azure.operation": operation}
    with span(f"azure {method} {operation}", named) as says:

        def answered(status: int | None) -> None:
            says("http.response.status_code", status or 0)

        yield answered
