"""`make picture`: write docs/card.png anew, the demo's page as this machine's browser shows it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.browser.chromium import NOT_FOUND, chromium, chromium_path, looking_at
from tests.journeys.running_system import played

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "card.png"
COMMAND = "/vmbackup advise web-01"


async def picture(
    path: str, to: Path, *, dark: bool = False, size: tuple[int, int] = (1280, 980)
) -> None:
    """The page after the command was typed, with the beginning of the card in view."""
    async with (
        played() as shown,
        chromium(path) as browser,
        looking_at(browser, shown.slack.url, dark=dark, size=size, scale=1.5) as watched,
    ):
        page = watched.page
        await page.get_by_test_id("composer").fill(COMMAND)
        await page.keyboard.press("Enter")
        await page.get_by_test_id("message").filter(has_text="Protection for").wait_for()
        await page.mouse.move(0, 0)
        to.parent.mkdir(exist_ok=True)
        await page.screenshot(path=to, animations="disabled", caret="hide")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURE, metavar="FILE")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--size", type=int, nargs=2, default=(1280, 980))
    asked = parser.parse_args(arguments)
    path = chromium_path()
    if path is None:
        print(NOT_FOUND, file=sys.stderr)
        return 1
    asyncio.run(picture(path, asked.to, dark=asked.dark, size=tuple(asked.size)))
    print(f"Written: {asked.to}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
