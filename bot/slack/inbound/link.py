"""Whether Slack can reach this process now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

IsConnected = Callable[[], Awaitable[bool]]


class SlackLink:
    """Follows a Socket Mode connection, or a port that listens; nothing before the first."""

    def __init__(self) -> None:
        self._is_connected: IsConnected | None = None

    def follow(self, is_connected: IsConnected | None) -> None:
        """From now on this says it; None: there is no connection."""
        self._is_connected = is_connected

    async def listens(self) -> bool:
        """Of a port that is open: whether Slack reaches it only Slack knows."""
        return True

    async def why_not(self) -> str:
        """Why Slack cannot reach this process; empty where it can."""
        if self._is_connected is None:
            return "not connected to Slack yet"
        return "" if await self._is_connected() else "the connection to Slack is broken"
