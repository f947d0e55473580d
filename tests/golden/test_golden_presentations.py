"""Three advices and an estimate, drawn in every way, as files that a person has read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from advisor.model import Advice
from advisor.present.as_json import advice_to_dict, estimated_to_dict
from advisor.present.as_markdown import advice_markdown, estimated_markdown
from advisor.present.as_text import advice_text, estimated_text
from tests.present import scenes

Compare = Callable[[str, str], None]

SCENES: dict[str, Callable[[], Advice]] = {
    "mission-critical": scenes.mission_critical,
    "price-missing": scenes.price_missing,
    "development": scenes.development,
}
every_scene = pytest.mark.parametrize("scene", SCENES)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@every_scene
@pytest.mark.parametrize("width", [80, 120])
def test_an_advice_in_the_terminal_reads_as_it_did(scene: str, width: int, golden: Compare) -> None:
    text = advice_text(SCENES[scene](), width=width, color=False, details=True)
    golden(f"{scene}.{width}.txt", text)


@every_scene
def test_an_advice_as_markdown_reads_as_it_did(scene: str, golden: Compare) -> None:
    golden(f"{scene}.md", advice_markdown(SCENES[scene](), details=True))


@every_scene
def test_an_advice_as_json_holds_what_it_did(scene: str, golden: Compare) -> None:
    golden(f"{scene}.json", _json(advice_to_dict(SCENES[scene]())))


def test_an_estimate_reads_as_it_did(golden: Compare) -> None:
    estimated = scenes.estimated()
    golden("estimate.80.txt", estimated_text(estimated, width=80, color=False))
    golden("estimate.md", estimated_markdown(estimated))
    golden("estimate.json", _json(estimated_to_dict(estimated)))
