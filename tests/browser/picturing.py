"""Pictures of every kind of message and form, at the widths of a desk and of a phone.

What is pictured is what the golden files are of: whoever adds a card there has its picture.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local.demo import MANIFEST
from deploy.local.slack.manifest import read_manifest
from deploy.local.slack.people import ADA, BOT
from deploy.local.slack.standin import SlackStandIn
from deploy.local.slack.views import View
from deploy.local.slack.workspace import Message
from tests.browser.chromium import looking_at
from tests.golden.slack_as_text import PICTURED

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".pictures"  #: git-ignored; a run of the tests keeps them as artefacts
WIDTHS = (1280, 390)
OPS = "C01OPS"
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
#: What is drawn beyond the right edge of its message or form; a table may scroll within itself.
LOOK = Path(__file__).with_name("look_at_picture.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Pictured:
    """A message or a form, and the test whose golden file it is in."""

    kind: str
    test: str
    number: int
    what: dict[str, Any] = field(hash=False)

    @property
    def name(self) -> str:
        test = self.test.removeprefix("test_")
        return f"{_NOT_A_NAME.sub('-', test.lower()).strip('-')}-{self.number}"

    @property
    def begins_with(self) -> str:
        """The kind of its first block; empty where it has none."""
        blocks = self.what.get("blocks") or [{"type": ""}]
        return str(blocks[0]["type"])


@dataclass(frozen=True)
class Looked:
    """What was seen of a picture."""

    first_line: str
    beyond: Sequence[str]  #: what is drawn beyond its edge
    scrolls: bool  #: whether a table in it is wider than its place
    button_below: int  #: how far down the first button ends, in pixels; 0 without one


def every_message_and_form(folder: Path) -> list[Pictured]:
    """What the golden tests draw, once each, in their order."""
    noted = folder / "pictured.jsonl"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/golden"],
        cwd=ROOT,
        env=os.environ | {PICTURED: str(noted)},
        check=False,  # where a golden file differs, its own test says so
        capture_output=True,
    )
    found: dict[str, Pictured] = {}
    counts: dict[str, int] = {}
    for line in noted.read_text(encoding="utf-8").splitlines():
        one, key = json.loads(line), json.dumps(json.loads(line)["what"], sort_keys=True)
        if key not in found:
            counts[one["test"]] = counts.get(one["test"], 0) + 1
            found[key] = Pictured(one["kind"], one["test"], counts[one["test"]], one["what"])
    return list(found.values())


@asynccontextmanager
async def played_slack() -> AsyncIterator[SlackStandIn]:
    """A Slack without a bot: what is shown in it is put there."""
    async with SlackStandIn(read_manifest(MANIFEST)) as slack:
        yield slack


@asynccontextmanager
async def studio(browser: Browser, slack: SlackStandIn, width: int) -> AsyncIterator[Page]:
    """The page at that width, tall enough for the longest message."""
    async with looking_at(browser, slack.url, size=(width, 3600)) as watched:
        yield watched.page
        watched.check()


async def picture(
    page: Page, slack: SlackStandIn, one: Pictured, width: int, to: Path | None = None
) -> Looked:
    """Show it, take its picture, take it away again."""
    is_view = one.kind == "view"
    shown = await (_show_view if is_view else _show_message)(page, slack, one)
    folder = (to or PICTURES) / str(width)
    folder.mkdir(parents=True, exist_ok=True)
    await shown.screenshot(path=folder / f"{one.name}.png", animations="disabled", caret="hide")
    looked = Looked(**await shown.evaluate(LOOK))
    await (_close(page, slack) if is_view else _take_away(page, slack))
    return looked


async def _show_message(page: Page, slack: SlackStandIn, one: Pictured) -> Locator:
    space = slack.workspace
    blocks = list(one.what.get("blocks") or [])
    message = Message(OPS, space.new_ts(), BOT.id, one.what["text"], blocks)
    await space.post(message)
    shown = page.locator(f'[data-ts="{message.ts}"]')
    await shown.wait_for()
    return shown


async def _take_away(page: Page, slack: SlackStandIn) -> None:
    for message in list(slack.workspace.messages[OPS].values()):
        await slack.workspace.remove(message)
    await page.get_by_text("Nothing has been said here yet.").wait_for()


async def _show_view(page: Page, slack: SlackStandIn, one: Pictured) -> Locator:
    space = slack.workspace
    view_id = space.new_id("V")
    view = View(view_id, ADA.id, space.kept_view({"type": "modal", **one.what}), "h", view_id)
    space.modals[ADA.id] = [view]
    await space.tell("modals", person=ADA.id)
    shown = page.get_by_test_id("modal")
    await shown.get_by_role("heading", name=one.what["title"]["text"]).first.wait_for()
    await shown.evaluate("form => { form.style.maxHeight = 'none'; }")
    return shown


async def _close(page: Page, slack: SlackStandIn) -> None:
    slack.workspace.modals[ADA.id] = []
    await slack.workspace.tell("modals", person=ADA.id)
    await page.get_by_test_id("modal").wait_for(state="hidden")


def write_index(every: Sequence[Pictured], to: Path | None = None) -> Path:
    """A page with all pictures, both widths side by side."""
    rows = "\n".join(
        f"<h2>{html.escape(one.name)}</h2>"
        + "".join(f'<img loading="lazy" src="{width}/{one.name}.png">' for width in WIDTHS)
        for one in every
    )
    index = (to or PICTURES) / "index.html"
    index.write_text(
        "<!doctype html><meta charset=utf-8><title>Every message and form</title>"
        "<style>body{font:15px system-ui;background:#ddd}img{vertical-align:top;margin:8px}</style>"
        f"{rows}\n",
        encoding="utf-8",
    )
    return index
