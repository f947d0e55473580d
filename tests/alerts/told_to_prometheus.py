"""What was scraped from real processes, told to Prometheus over time, and which alerts then fire.

promtool plays the time: each scrape holds for so long that every `for:` is over. A gauge keeps the
value that was scraped; a counter rises evenly to it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.docs.tables import ROOT

RULES = ROOT / "deploy" / "monitoring" / "alerts.yaml"
#: Longer than the longest `for:` and the longest range of an expression together.
HELD_MINUTES = 75
_NAME = re.compile(r"\bvmbackup_\w+")
_MISSING = "_"
#: How promtool says that a claim fails, with the time at which it does.
_FIRES = re.compile(r'expr: "count\(ALERTS\{alertname=\\"(\w+)\\".*time: (?:(\d+)h)?(\d+)m')

#: What each instance answered; None where it did not answer.
Scrape = Mapping[str, str | None]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sample:
    value: float
    is_counted: bool


def rules() -> list[dict[str, Any]]:
    """The alerts as they are shipped."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def samples(scrape: Scrape) -> dict[Labels, Sample]:
    """By name and labels, with those that Prometheus adds; only what the alerts read."""
    read = {name for rule in rules() for name in _NAME.findall(rule["expr"])}
    found: dict[Labels, Sample] = {}
    for instance, text in scrape.items():
        of = {"instance": instance, "job": "vmbackup"}
        found[_labels("up", of)] = Sample(float(text is not None), is_counted=False)
        for family in text_string_to_metric_families(text or ""):
            is_counted = family.type in ("counter", "histogram")
            for each in family.samples:
                if each.name in read:
                    key = _labels(each.name, each.labels | of)
                    found[key] = Sample(each.value, is_counted)
    return found


def _labels(name: str, labels: Mapping[str, str]) -> Labels:
    return (("__name__", name), *sorted(labels.items()))


def firing(scrapes: Sequence[Scrape], folder: Path) -> list[set[str]]:
    """The alerts that fire at the end of each scrape's time, one set for each scrape."""
    phases = [samples(scrape) for scrape in scrapes]
    path = folder / "scraped.test.yaml"
    path.write_text(yaml.safe_dump(_document(phases)), encoding="utf-8")
    ran = subprocess.run(
        ["promtool", "test", "rules", path], capture_output=True, text=True, check=False
    )
    said = ran.stdout + ran.stderr
    found: list[set[str]] = [set() for _ in phases]
    for name, hours, minutes in _FIRES.findall(said):
        found[(int(hours or 0) * 60 + int(minutes)) // HELD_MINUTES].add(name)
    # Nothing fires, or promtool said what does; anything else is a mistake in the file.
    assert any(found) == (ran.returncode != 0), said
    return found


def _document(phases: Sequence[Mapping[Labels, Sample]]) -> dict[str, Any]:
    """A test of promtool that claims that no alert ever fires: it is told of each that does."""
    keys = sorted({key for phase in phases for key in phase})
    series = [{"series": _written(key), "values": " ".join(_values(phases, key))} for key in keys]
    claims = [
        {
            "expr": f'count(ALERTS{{alertname="{rule["alert"]}",alertstate="firing"}})',
            "eval_time": f"{(number + 1) * HELD_MINUTES - 1}m",
            "exp_samples": [],
        }
        for rule in rules()
        for number in range(len(phases))
    ]
    return {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": claims}],
    }


def _written(key: Labels) -> str:
    (_, name), *labels = key
    inner = ", ".join(f'{label}="{text}"' for label, text in labels)
    return f"{name}{{{inner}}}"


def _values(phases: Sequence[Mapping[Labels, Sample]], key: Labels) -> Iterator[str]:
    first = phases[0].get(key)
    before = first.value if first else 0.0  # what was counted earlier is no part of the story
    for phase in phases:
        sample = phase.get(key)
        if sample is None:
            yield from (_MISSING for _ in range(HELD_MINUTES))
            before = 0.0
            continue
        # A counter of a process that was started anew begins at nothing.
        begins = before if sample.is_counted and before <= sample.value else 0.0
        rise = (sample.value - begins) / HELD_MINUTES if sample.is_counted else 0.0
        for minute in range(1, HELD_MINUTES + 1):
            yield repr(begins + rise * minute if sample.is_counted else sample.value)
        before = sample.value
