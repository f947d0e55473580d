"""PostgreSQL's wire protocol, only as far as to tell where one message ends and the next begins.

PostgreSQL 18, "Message Formats": a message is one byte of type, then its length without that
byte; what a client sends first has no type. Nothing here is encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator

_LENGTH_BYTES = 4
_TYPE_BYTES = 1
#: First messages after which another first message follows, once the server said one byte.
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


class Encrypted(Exception):
    """The server agreed to encrypt: from here on nobody can count messages."""


class FromClient:
    """Cuts the bytes of one client into messages; `asked` counts the offers to encrypt."""

    def __init__(self) -> None:
        self.asked = 0
        self._rest = bytearray()
        self._has_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with these bytes."""
        self._rest += data
        while message := _cut(self._rest, _TYPE_BYTES if self._has_begun else 0):
            if not self._has_begun:
                self._first(message)
            yield message

    def _first(self, message: bytes) -> None:
        code = int.from_bytes(message[_LENGTH_BYTES : 2 * _LENGTH_BYTES])
        if code in (SSL_REQUEST, GSS_REQUEST):
            self.asked += 1
        else:
            self._has_begun = True


class FromServer:
    """The same for the server's side, which answers an offer to encrypt with a bare byte."""

    def __init__(self, client: FromClient) -> None:
        self._client, self._answered = client, 0
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete with these bytes. Raises Encrypted."""
        self._rest += data
        while message := self._next():
            yield message

    def _next(self) -> bytes | None:
        if self._answered == self._client.asked or not self._rest:
            return _cut(self._rest, _TYPE_BYTES)
        self._answered += 1
        answer = bytes(self._rest[:1])
        del self._rest[:1]
        if answer != b"N":
            raise Encrypted
        return answer


def _cut(rest: bytearray, before: int) -> bytes | None:
    """Take a whole message off the front; `before` bytes stand before its length."""
    head = before + _LENGTH_BYTES
    if len(rest) < head:
        return None
    end = before + int.from_bytes(rest[before:head])
    if len(rest) < end:
        return None
    message = bytes(rest[:end])
    del rest[:end]
    return message
