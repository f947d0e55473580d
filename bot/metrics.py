"""The figures of a process, as Prometheus reads them (prometheus-client, Apache-2.0).

Labels are words of this program and never strangers' text: a name of a VM would be a series.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

#: Slack waits 3 s for an acknowledgement; the buckets tell from what on it is in danger.
_ACKNOWLEDGED_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)

COMMANDS = Counter(
    "vmbackup_commands", "Commands that Slack delivered.", ["command"], registry=REGISTRY
)
ACKNOWLEDGED = Histogram(
    "vmbackup_acknowledgement_seconds",
    "From the delivery of a command to its acknowledgement; Slack waits 3 s.",
    buckets=_ACKNOWLEDGED_SECONDS,
    registry=REGISTRY,
)
AZURE = Counter(
    "vmbackup_azure_requests",
    "Requests to Azure by what they do and what became of them.",
    ["does", "outcome"],
    registry=REGISTRY,
)
READY = Gauge(
    "vmbackup_ready",
    "1 where the part of the process can do its work.",
    ["part"],
    registry=REGISTRY,
)
LOOP_AGE = Gauge(
    "vmbackup_loop_age_seconds",
    "Since a loop that should never end went round last.",
    ["loop"],
    registry=REGISTRY,
)
REQUESTS = Gauge(
    "vmbackup_requests", "Requests in the database by their state.", ["state"], registry=REGISTRY
)
OVERDUE = Gauge(
    "vmbackup_request_overdue_seconds",
    "For how long the request that waits longest has been due.",
    registry=REGISTRY,
)
JOBS = Gauge("vmbackup_jobs", "Jobs by their state.", ["state"], registry=REGISTRY)
JOB_AGE = Gauge(
    "vmbackup_job_age_seconds", "Of the oldest job that waits for a worker.", registry=REGISTRY
)
UNSENT = Gauge("vmbackup_unsent_messages", "Messages that Slack has not got.", registry=REGISTRY)
UNSENT_TRIED_OFTEN = Gauge(
    "vmbackup_unsent_messages_tried_often",
    "Messages that Slack has not got after five tries.",
    registry=REGISTRY,
)
UNSENT_OVERDUE = Gauge(
    "vmbackup_unsent_message_overdue_seconds",
    "For how long the message that waits longest has been due.",
    registry=REGISTRY,
)
PRICES_AGE = Gauge(
    "vmbackup_prices_age_seconds", "Since the newest day of the price book.", registry=REGISTRY
)

_THROTTLED = 429


def count_azure(method: str, reads: bool, status: int | None) -> None:
    """Count one request to Azure; `status` None: no whole answer came."""
    does = "read" if reads or method in ("GET", "HEAD") else "change"
    AZURE.labels(does, _outcome(status)).inc()


def _outcome(status: int | None) -> str:
    if status is None:
        return "no answer"
    if status == _THROTTLED:
        return "throttled"
    if status >= 500:
        return "failed"
    return "refused" if status >= 400 else "done"
