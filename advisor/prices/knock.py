"""A look whether the price list can be reached, before anything large is loaded to speak to it."""

from __future__ import annotations

import os
import socket
import threading
import time

from advisor.loopback import is_loopback

CONNECT_SECONDS = 1.0
#: Where nobody answers, an answer is a second late in all: the rest is for loading and noting it.
KNOCK_SECONDS = 0.8
_PORTS = {"https": 443, "http": 80}


class Knock:
    """One connection to the list, or to the proxy before it, begun in a thread of its own.

    A name server that hangs cannot be stopped: nobody waits for the thread, nor does the program.
    """

    def __init__(self, origin: str, seconds: float = KNOCK_SECONDS) -> None:
        self._until = time.monotonic() + seconds
        self._seconds = seconds
        self._why: str | None = None
        self._place = _place_of(origin)
        self._thread = threading.Thread(target=self._try, daemon=True)
        self._thread.start()

    def answered(self) -> str:
        """Empty where somebody answered within the time; else why not. Waits for that long."""
        self._thread.join(max(0.0, self._until - time.monotonic()))
        return f"no connection within {self._seconds:g} s" if self._why is None else self._why

    def _try(self) -> None:
        try:
            with socket.create_connection(self._place, timeout=self._seconds):
                self._why = ""
        except TimeoutError:
            pass  # what `answered` says of itself
        except ConnectionRefusedError:
            self._why = "the connection was refused"
        except socket.gaierror:
            self._why = "its name cannot be resolved"
        except OSError as error:
            self._why = error.strerror or type(error).__name__


def _place_of(origin: str) -> tuple[str, int]:
    """Host and port of the list, or of the proxy that the environment puts before it."""
    from urllib.parse import urlsplit

    url = urlsplit(origin)
    host = url.hostname or ""
    if not is_loopback(host) and _names_a_proxy():
        from urllib.request import getproxies, proxy_bypass

        proxy = getproxies().get(url.scheme)
        if proxy and not proxy_bypass(host):
            url = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return url.hostname or host, url.port or _PORTS.get(url.scheme, _PORTS["https"])


def _names_a_proxy() -> bool:
    return any(name.lower().endswith("_proxy") for name in os.environ)
