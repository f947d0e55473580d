"""`make picture`: write the README's pictures anew, as the tour of the demo leads to them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.demo import demo_world, system
from tests.browser.chromium import NOT_FOUND, chromium, chromium_path, looking_at
from tests.browser.touring import ADVICE, REQUEST, walk_the_tour
from tests.journeys.running_system import data_directory

if TYPE_CHECKING:
    from playwright.async_api import Page

DOCS = Path(__file__).parents[2] / "docs"
SCALE = 1.5


#: After which part of the tour each is taken, and the page's size then.
PICTURES: Mapping[int, tuple[str, tuple[int, int]]] = {
    ADVICE: ("card", (1280, 980)),
    REQUEST: ("request", (1280, 800)),
}


async def pictures(path: str, to: Path, *, dark: bool) -> None:
    """One walk through the tour, at a system of its own as `make demo` starts it."""
    to.mkdir(exist_ok=True)
    with data_directory() as data:
        async with (
            system(demo_world(0), data) as (_, slack, bot),
            chromium(path) as browser,
        ):
            await bot.ready()
            async with looking_at(browser, slack.url, dark=dark, scale=SCALE) as watched:
                page = watched.page

                async def after(part: int) -> None:
                    if part in PICTURES:
                        await _take(page, to, *PICTURES[part])

                await walk_the_tour(page, after)


async def _take(page: Page, to: Path, name: str, size: tuple[int, int]) -> None:
    """With the newest message from its beginning, and nothing under the mouse."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.mouse.move(0, 0)
    newest = page.get_by_test_id("messages").locator("[data-ts]").filter(has=page.locator("h2"))
    await newest.last.evaluate("message => message.scrollIntoView({block: 'start'})")
    file = to / f"{name}.png"
    await page.screenshot(path=file, animations="disabled", caret="hide")
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
