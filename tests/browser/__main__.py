"""`make picture`: write the README's pictures anew: the page of the demo in a browser."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.browser.asking_on_the_page import asked_for, say
from tests.browser.chromium import NOT_FOUND, chromium, chromium_path, looking_at
from tests.journeys.running_system import played

if TYPE_CHECKING:
    from playwright.async_api import Page

DOCS = Path(__file__).parents[2] / "docs"
SCALE = 1.5


class Picture(NamedTuple):
    """What is done on the page before it is taken, and how large the page is."""

    bring: Callable[[Page], Awaitable[object]]
    size: tuple[int, int]


async def _advice(page: Page) -> None:
    await say(page, "/vmbackup advise web-01")
    await page.get_by_test_id("message").filter(has_text="If it is deleted").wait_for()


async def _request(page: Page) -> None:
    await asked_for(page, "/vmbackup snapshot web-01 before kernel update --keep 3d")


PICTURES: Mapping[str, Picture] = {
    "card": Picture(_advice, (1280, 980)),
    "request": Picture(_request, (1280, 900)),
}


async def pictures(path: str, to: Path, *, dark: bool) -> None:
    """Each of a system of its own, so that no picture shows another one's messages."""
    to.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        async with (
            played() as shown,
            chromium(path) as browser,
            looking_at(
                browser, shown.slack.url, dark=dark, size=picture.size, scale=SCALE
            ) as watched,
        ):
            await picture.bring(watched.page)
            await watched.page.mouse.move(0, 0)
            file = to / f"{name}.png"
            await watched.page.screenshot(path=file, animations="disabled", caret="hide")
            print(f"Written: {file}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("--to", type=Path, default=DOCS, metavar="DIRECTORY")
    parser.add_argument("--dark", action="store_true")
    asked = parser.parse_args(arguments)
    path = chromium_path()
    if path is None:
        print(NOT_FOUND, file=sys.stderr)
        return 1
    asyncio.run(pictures(path, asked.to, dark=asked.dark))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
