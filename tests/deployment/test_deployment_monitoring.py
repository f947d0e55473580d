"""The alerts fire when they should, each has its entry in the runbook, and reads real figures."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from bot import metrics
from bot.doctor.checks import every_check
from tests.docs.tables import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
NEEDS_PROMTOOL = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not here (Debian: prometheus)"
)
_SERIES = re.compile(r"\bvmbackup_\w+")


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def exported() -> set[str]:
    """The names of all series of a process, also of those that have no value yet."""
    names: set[str] = set()
    for family in metrics.REGISTRY.collect():
        names |= {family.name, f"{family.name}_total", f"{family.name}_bucket"}
    return names


@NEEDS_PROMTOOL
@pytest.mark.parametrize("words", [("check", "alerts.yaml"), ("test", "alerts.test.yaml")])
def test_promtool_takes_the_rules_and_each_alert_fires_and_rests(words: tuple[str, str]) -> None:
    verb, file = words
    ran = subprocess.run(
        ["promtool", verb, "rules", file], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_alert_is_tried_both_ways() -> None:
    document = yaml.safe_load((FOLDER / "alerts.test.yaml").read_text(encoding="utf-8"))
    tried = [each["alert_rule_test"][0] for each in document["tests"]]
    for rule in rules():
        fires = {bool(one["exp_alerts"]) for one in tried if one["alertname"] == rule["alert"]}
        assert fires == {True, False}, rule["alert"]


def test_every_alert_has_its_entry_in_the_runbook_and_no_entry_is_left_over() -> None:
    entries = dict(re.findall(r"^## (Vmbackup\w+)\n(.*?)(?=^## )", RUNBOOK, re.M | re.DOTALL))
    assert {*entries} == {rule["alert"] for rule in rules()}
    for name, text in entries.items():
        for part in ("**Means.**", "**Look.**", "**Do.**", "**Ends**"):
            assert part in text, (name, part)
    for rule in rules():
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_alerts_and_dashboard_read_series_that_the_bot_has() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for rule in rules()]
    used = {name for expression in asked for name in _SERIES.findall(expression)}
    assert len(used) > 8
    assert used <= exported()
    panels = [panel["id"] for panel in dashboard["panels"]]
    assert len(panels) == len(set(panels))


def test_every_alert_is_made_to_fire_by_a_fault_and_ended_by_its_entry() -> None:
    played = "".join(
        each.read_text(encoding="utf-8") for each in (ROOT / "tests" / "alerts").glob("test_*.py")
    )
    for rule in rules():
        name = rule["alert"]
        assert f'"{name}"' in played, name


def test_the_rows_of_the_doctor_that_the_runbook_names_are_rows_of_the_doctor() -> None:
    known = {check.name for check in every_check()}
    lines = re.findall(r"doctor's rows? (.*?)[.;]", RUNBOOK.replace("\n", " "))
    named = {name for line in lines for name in re.findall(r"“(.*?)”", line)}
    assert len(named) > 5
    assert named - {"azure …"} <= known
