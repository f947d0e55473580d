"""This machine's own Chromium, driven by Playwright, that may reach nothing but loopback."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Browser, ConsoleMessage, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome")
NOT_FOUND = f"No Chromium is installed here: none of {', '.join(NAMES)} is found."
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: A card is there within a second; a loaded machine may take longer.
PATIENCE_MILLISECONDS = 20_000


def chromium_path() -> str | None:
    """Where it is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watched:
    """A page with everything it complained about and every host it asked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Raises AssertionError for an error in the page and for a request that left loopback."""
        assert self.complaints == []
        assert self.hosts == {"127.0.0.1"}


@asynccontextmanager
async def looking_at(
    browser: Browser,
    url: str,
    *,
    dark: bool = False,
    size: tuple[int, int] = (1280, 800),
    scale: float = 1,
) -> AsyncIterator[Watched]:
    """The page, open and connected, in a context of its own."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=scale,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    watched = Watched(await context.new_page())
    watched.page.on("console", lambda said: _complained(watched, said))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("request", lambda request: _asked(watched, request))
    try:
        await watched.page.goto(url)
        await watched.page.get_by_test_id("composer").wait_for()
        yield watched
    finally:
        await context.close()


def _complained(watched: Watched, said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        watched.complaints.append(said.text)


def _asked(watched: Watched, request: Request) -> None:
    watched.hosts.add(urlsplit(request.url).hostname or request.url)
