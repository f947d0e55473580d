"""Why Slack could not be reached, in words of this project and not of a library."""

from __future__ import annotations

import errno
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bot.slack.calls import why_not_connected

KEY = ConnectionKey("slack.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            aiohttp.ClientConnectorDNSError(KEY, OSError(None, "no address")),
            "its address is not found from here",
        ),
        (
            aiohttp.ClientConnectorCertificateError(
                KEY, ssl.SSLCertVerificationError("self-signed")
            ),
            "its certificate is not trusted here",
        ),
        (
            aiohttp.ClientConnectorSSLError(KEY, OSError(1, "handshake")),
            "no encrypted connection to it comes about",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "refused")),
            "Connection refused",
        ),
        (aiohttp.ClientConnectorError(KEY, OSError("odd")), "it cannot be reached from here"),
    ],
    ids=["address", "certificate", "handshake", "refused", "odd"],
)
def test_why_slack_is_not_reached_is_said_in_plain_words(
    error: aiohttp.ClientConnectorError, why: str
) -> None:
    assert why_not_connected(error) == why
