"""An SDK's exceptions as errors of this program: a table of exceptions, one of HTTP statuses.

    AzureRefused      Azure answered no: 400, 401, 403, 404, 409, 429 for too long, no sign-in
    AzureUnreachable  no answer, half an answer, or 5xx

Nothing here imports an SDK: exceptions are known by the names of their classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from advisor.errors import AzureRefused, AzureUnreachable, NotSignedIn, VmbackupError

_LONGEST_REASON = 300  # characters of Azure's own words that a sentence repeats
_MISSING_ACTION = re.compile(r"perform action '([\w./*-]{1,200})'")

Maker = Callable[[Exception, str, str], VmbackupError]


def translated(error: Exception, what: str, permission: str = "") -> VmbackupError:
    """The error of this program for an SDK's exception while `what` is read.

    `permission` is what reading it needs; a 403 that names the missing action overrules it.
    An exception that no table knows is raised as it is: it is a fault of ours.
    """
    if isinstance(error, VmbackupError):
        return error
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_CLASS:
            return _BY_CLASS[kind.__name__](error, what, permission)
    raise error


@contextmanager
def translating(what: str, permission: str = "") -> Iterator[None]:
    """A context for the reading of `what`: an SDK's exception becomes an error of this program."""
    try:
        yield
    except Exception as error:
        ours = translated(error, what, permission)
        if ours is error:
            raise
        raise ours from error


def known_classes() -> frozenset[str]:
    """The names of the exception classes that `translated` knows."""
    return frozenset(_BY_CLASS)


def azure_words(error: Exception) -> tuple[str, str]:
    """Code and message of an answer, in any of the shapes that Azure's services write.

    Shapes seen in recorded answers: {"error": {code, message, details[]}}, {"code", "message"},
    {"Code", "Message"}, {"ErrorCode", "Message": {"Value"}}. Empty where there are none.
    """
    return words_in(_body(error))


def words_in(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Code and message of the body of an answer, as `azure_words` finds them."""
    body = _lowered(answer)
    inner = _lowered(body.get("error")) or body
    code = _text(inner.get("code")) or _text(inner.get("errorcode"))
    details = inner.get("details")
    for detail in details if isinstance(details, list) else []:
        # Resource Graph's own message holds only support ids; the reason stands in the details.
        if _text(_lowered(detail).get("message")) and code == "BadRequest":
            code, inner = _text(_lowered(detail).get("code")) or code, _lowered(detail)
            break
    return code, _text(inner.get("message"))


def retry_after_seconds(error: Exception) -> float | None:
    """The Retry-After of an answer, where it names whole seconds."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    named = headers.get("Retry-After", "").strip()
    return float(named) if named.isdecimal() else None


def _refused(error: Exception, what: str, permission: str) -> VmbackupError:
    code, message = azure_words(error)
    status = getattr(error, "status_code", None)
    reason = " ".join(part for part in (str(status or ""), code) if part)
    said = f"{reason}: {message}" if message else reason or type(error).__name__
    return AzureRefused(what, _sentence(said), permission)


def _by_status(error: Exception, what: str, permission: str) -> VmbackupError:
    status = getattr(error, "status_code", None)
    if status is None:
        return _broken(error, what, permission)
    if status == 408 or status >= 500:
        wait = retry_after_seconds(error)
        return AzureUnreachable(what, f"it answered {status}.", retry_after_seconds=wait)
    return _BY_STATUS.get(status, _refused)(error, what, permission if status == 403 else "")


def _not_allowed(error: Exception, what: str, permission: str) -> VmbackupError:
    code, message = azure_words(error)
    action = _MISSING_ACTION.search(message)
    needed = action[1] if action else permission
    return AzureRefused(what, f"403 {code or 'Forbidden'}.", needed)


def _not_signed_in(error: Exception, what: str, permission: str) -> VmbackupError:
    code, _ = azure_words(error)
    reason = f"401 {code}" if code else "the sign-in failed"
    return NotSignedIn(what, f"{reason}.")


def _too_often(error: Exception, what: str, permission: str) -> VmbackupError:
    code, _ = azure_words(error)
    name = f" {code}" if code and code != "429" else ""
    said = f"429{name}: it was asked too often. Try again in a minute."
    return AzureRefused(what, said, retry_after_seconds=retry_after_seconds(error))


def _no_connection(error: Exception, what: str, permission: str) -> VmbackupError:
    return AzureUnreachable(what, "there was no connection.")


def _no_time(error: Exception, what: str, permission: str) -> VmbackupError:
    return AzureUnreachable(what, "it did not answer in time.")


def _broken(error: Exception, what: str, permission: str) -> VmbackupError:
    return AzureUnreachable(what, "its answer broke off.")


_BY_STATUS: Mapping[int, Maker] = {401: _not_signed_in, 403: _not_allowed, 429: _too_often}

#: azure-core 1.41 and azure-identity 1.27, every exception class; a test holds the table
#: against the classes that are installed.
_BY_CLASS: Mapping[str, Maker] = {
    "CredentialUnavailableError": _not_signed_in,
    "AuthenticationRequiredError": _not_signed_in,
    "ClientAuthenticationError": _not_signed_in,
    "ResourceNotFoundError": _refused,
    "ResourceExistsError": _refused,
    "ResourceModifiedError": _refused,
    "ResourceNotModifiedError": _refused,
    "TooManyRedirectsError": _refused,
    "ODataV4Error": _by_status,
    "IncompleteReadError": _broken,
    "DecodeError": _broken,
    "HttpResponseError": _by_status,
    "ServiceRequestTimeoutError": _no_time,
    "ServiceResponseTimeoutError": _no_time,
    "ServiceRequestError": _no_connection,
    "ServiceResponseError": _broken,
    "StreamConsumedError": _broken,
    "StreamClosedError": _broken,
    "ResponseNotReadError": _broken,
    "SerializationError": _broken,
    "DeserializationError": _broken,
    "AzureError": _no_connection,
    "TimeoutError": _no_time,
}


def _body(error: Exception) -> dict[str, Any]:
    """The answer's JSON object with lower-cased keys; empty where there is none."""
    response = getattr(error, "response", None)
    if response is None:
        return {}
    try:
        return _lowered(response.json())
    except (ValueError, AttributeError, UnicodeError):
        return {}


def _lowered(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key).lower(): inner for key, inner in value.items()}


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = _lowered(value).get("value")
    if isinstance(value, int):
        return str(value)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _sentence(text: str) -> str:
    short = text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON].rstrip() + "…"
    return short if short.endswith((".", "…", "!", "?")) else f"{short}."
