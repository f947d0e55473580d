"""The refusals of Azure: for now or for good, each with a sentence.

The documentation's table is made from `REFUSALS`. The codes and messages come from recorded
answers and from the troubleshooting articles of Azure Resource Manager, disks and restore points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from advisor.azure.sdk_errors import azure_words, words_in
from advisor.errors import EXIT_AZURE, VmbackupError
from advisor.words import clean

_LONGEST_WORDS = 300  # characters of Azure's own words that a sentence repeats


class RefusedForNow(VmbackupError):
    """Azure refused this time, or no answer says whether it refused: look, then try again.

    `retry_after` is the wait that Azure names, however long; None where it names none. `at_most`
    is how often a step is sent that Azure refuses so; None: as often as its time allows.
    """

    exit_code = EXIT_AZURE

    def __init__(
        self,
        sentence: str,
        retry_after: timedelta | None = None,
        *,
        at_most: int | None = None,
    ) -> None:
        self.sentence = sentence
        self.retry_after = retry_after
        self.at_most = at_most
        super().__init__(sentence)


class ReplyLost(RefusedForNow):
    """A change left for Azure and no whole answer came: whether it was done, only a look tells."""


class RefusedForGood(VmbackupError):
    """Azure refuses until a person changes something; trying again is no use. `code` is Azure's."""

    exit_code = EXIT_AZURE

    def __init__(self, sentence: str, code: str = "") -> None:
        self.sentence = sentence
        self.code = code
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row. `sentence` may hold {found}: the part of Azure's message that `find` matches."""

    sentence: str
    wait: timedelta | None = None  #: None: for good; else the wait where Azure names none
    find: str = ""  #: a regular expression with one group
    otherwise: str = ""  #: replaces {found} where nothing matches
    at_most: int | None = None  #: how often it is tried; None: as long as the step has time

    @property
    def passes(self) -> bool:
        """Whether waiting helps."""
        return self.wait is not None

    def sentence_for(self, message: str) -> str:
        """The sentence, completed with what `find` matches in Azure's message."""
        match = re.search(self.find, message) if self.find else None
        found = match[1] if match else self.otherwise
        sentence = self.sentence.replace("{found}", found[:_LONGEST_WORDS].strip())
        return sentence if sentence.endswith((".", "…", "!", "?")) else f"{sentence}."


#: The first words of each sentence that says that a policy forbids a deletion.
IMMUTABLE = "It is immutable"

_SOON, _MINUTES = timedelta(seconds=10), timedelta(minutes=5)
#: A resource that is busy is asked for again for some ten minutes; a host without room, for as
#: long as somebody waits beside a VM that is stopped.
_BUSY_AT_MOST, _ALLOCATION_AT_MOST = 60, 3
#: concepts-restore-points, 2023-11-06: three restore points of a VM an hour.
_RESTORE_POINT_WAIT = timedelta(minutes=20)

_NO_ROLE = (
    "vmbackup may not do this: its role lacks {found}. "
    "Somebody who assigns roles has to give it that."
)
_TOO_LONG = "Azure takes no tags as long as these ({found}). Shorten the reason and ask again."
_NOT_THERE = (
    "{found} is not there any more. Look at /vmbackup snapshots, and ask again for what is there."
)
_BUSY = "Azure is still busy with another change of the same resource."
_QUOTA = "A quota of the subscription is used up: {found} Free some of it or have it raised."
_POLICY = "Azure Policy “{found}” forbids this here. Ask whoever keeps the policy for an exemption."
_LOCKED = "A lock on {found} forbids this. Whoever set the lock has to lift it first."
_DISABLED = "The subscription is disabled or read-only: nothing in it can be changed."
_UNREGISTERED = "Microsoft.Compute is not registered in this subscription. Register it first."
_NO_ENCRYPTION_SET = (
    "The disk's encryption set or its key cannot be used ({found}). "
    "Look at the set and its access to the key vault."
)
_AGENT = (
    "The VM's agent does not answer, so no consistent restore point can be taken. "
    "Mend the agent, or ask again without --consistent."
)
_ALLOCATION = "Azure has no capacity for the VM's size at the moment. It stays stopped until then."

_ACTION = r"perform action '([\w./*-]{1,200})'"
_LINKED_ACTION = r"perform action\(s\) '([\w./*,-]{1,300})'"
_LOCKED_SCOPE = r"locked: '([^']{1,600})'"
_ASSIGNMENT = r"\"policyAssignment\":\s*\{\s*\"name\":\s*\"([^\"]{1,200})\""
_NAMED = r"'([^']{1,200})'"
_WHOLE = r"(?s)^(.{1,300})"

_INSIDE = Refusal(
    "Azure met an error of its own: {found}",
    wait=_SOON,
    find=_WHOLE,
    otherwise="it gives no reason",
    at_most=_BUSY_AT_MOST,
)
_LATER = Refusal(_BUSY, wait=_SOON, at_most=_BUSY_AT_MOST)

#: By Azure's code, in lower case.
REFUSALS: Mapping[str, Refusal] = MappingProxyType(
    {
        "scopelocked": Refusal(_LOCKED, find=_LOCKED_SCOPE, otherwise="it or on what it lies in"),
        "requestdisallowedbypolicy": Refusal(_POLICY, find=_ASSIGNMENT, otherwise="of this scope"),
        "authorizationfailed": Refusal(_NO_ROLE, find=_ACTION, otherwise="an action"),
        "linkedauthorizationfailed": Refusal(_NO_ROLE, find=_LINKED_ACTION, otherwise="an action"),
        "invalidtagcount": Refusal("There would be more than the 50 tags that Azure takes."),
        "invalidtagvaluelength": Refusal(_TOO_LONG, find=_NAMED, otherwise="a value"),
        "invalidtagnamelength": Refusal(_TOO_LONG, find=_NAMED, otherwise="a name"),
        "invalidtagnamecharacters": Refusal(
            "Azure takes no tag of the name {found}.", find=_NAMED, otherwise="given"
        ),
        "invalidresourcename": Refusal(
            "Azure does not take the name {found}.", find=_NAMED, otherwise="given"
        ),
        "quotaexceeded": Refusal(_QUOTA, find=_WHOLE, otherwise="Azure does not say which."),
        "snapshotcountexceeded": Refusal(
            "The subscription holds as many snapshots in this region as Azure allows. "
            "Delete some and ask again."
        ),
        "resourcecountexceeded": Refusal(_QUOTA, find=_WHOLE, otherwise="Azure names none."),
        "skunotavailable": Refusal(
            "This kind of disk or VM is not offered there: {found}",
            find=_WHOLE,
            otherwise="no reason",
        ),
        "notfound": Refusal(_NOT_THERE, find=_NAMED, otherwise="What it needs"),
        "resourcenotfound": Refusal(_NOT_THERE, find=_NAMED, otherwise="What it needs"),
        "parentresourcenotfound": Refusal(_NOT_THERE, find=_NAMED, otherwise="What it lies in"),
        "resourcegroupnotfound": Refusal(_NOT_THERE, find=_NAMED, otherwise="The resource group"),
        "subscriptionnotfound": Refusal(
            "The subscription cannot be found; perhaps vmbackup may not see it any more."
        ),
        "propertychangenotallowed": Refusal(
            "Something else of that name is there already; it is left as it is."
        ),
        "invalidresourcelocation": Refusal(
            "Something else of that name is there in another region; it is left as it is."
        ),
        "readonlydisabledsubscription": Refusal(_DISABLED),
        "missingsubscriptionregistration": Refusal(_UNREGISTERED),
        "diskencryptionsetnotfound": Refusal(_NO_ENCRYPTION_SET, find=_WHOLE),
        "keyvaultaccessforbidden": Refusal(_NO_ENCRYPTION_SET, find=_WHOLE),
        "keyvaultkeynotfound": Refusal(_NO_ENCRYPTION_SET, find=_WHOLE),
        "vmagentstatuscommunicationerror": Refusal(_AGENT),
        "allocationfailed": Refusal(_ALLOCATION, wait=_MINUTES, at_most=_ALLOCATION_AT_MOST),
        "zonalallocationfailed": Refusal(_ALLOCATION, wait=_MINUTES, at_most=_ALLOCATION_AT_MOST),
        "overconstrainedallocationrequest": Refusal(
            _ALLOCATION, wait=_MINUTES, at_most=_ALLOCATION_AT_MOST
        ),
        "operationpreempted": _LATER,
        "conflict": _LATER,
        "conflictingconcurrentwritenotallowed": _LATER,
        "requestconflict": _LATER,
        "anotheroperationinprogress": _LATER,
        "attachdiskwhilebeingdetached": _LATER,
        "retryableerror": _LATER,
        "referencedresourcenotprovisioned": _LATER,
        "internalservererror": _INSIDE,
        "internalexecutionerror": _INSIDE,
        "internaloperationerror": _INSIDE,
    }
)

_POINTS_TOO_OFTEN = (
    r"(?i)restore points?.*(frequency|in an hour|per hour|interval)",
    Refusal(
        "Azure takes a VM's restore points only so often: three an hour at most.",
        wait=_RESTORE_POINT_WAIT,
    ),
)

#: By a pattern in the message, because Azure uses one code for many reasons. These rows are tried
#: before those of the codes.
BY_WORDS: tuple[tuple[str, Refusal], ...] = (
    (
        r"(?i)incremental snapshots.*within \d+ minutes",
        Refusal(
            "Azure takes at most 7 incremental snapshots of a disk in 5 minutes.", wait=_MINUTES
        ),
    ),
    (
        r"(?i)maximum number of incremental snapshots",
        Refusal(
            "This disk has as many incremental snapshots as Azure allows (500). "
            "Delete some and ask again."
        ),
    ),
    _POINTS_TOO_OFTEN,
    (
        r"(?i)at most \d+ restore points",
        Refusal(
            "This VM has as many restore points as Azure allows (500). Delete some and ask again."
        ),
    ),
    (
        r"(?i)(copied in the background|being copied|can be copied into a region)",
        Refusal("Azure is still copying other snapshots and takes no more for now.", wait=_MINUTES),
    ),
    (
        r"(?i)(is being created|is being deleted|in progress|not complete yet|not in the state "
        r"succeeded|try again later)",
        _LATER,
    ),
    (
        r"(?i)active shared access signature",
        Refusal(
            "Somebody has an export of it open. It can be deleted once that access is revoked."
        ),
    ),
    (
        r"(?i)immutability policy",
        Refusal(f"{IMMUTABLE} for a time: Azure deletes it only after that."),
    ),
    (r"(?i)exceeding approved .*quota|quota", Refusal(_QUOTA, find=_WHOLE)),
    (
        r"(?i)entity name '[^']*' .*invalid",
        Refusal("Azure does not take the name {found}.", find=_NAMED),
    ),
)

#: Codes with which a 404 says that there is no such resource; any other 404 is a refusal.
GONE = frozenset(
    {"notfound", "resourcenotfound", "resourcegroupnotfound", "parentresourcenotfound"}
)

_NO_TIME = "Azure did not answer in time."
_NO_CONNECTION = "There was no connection to Azure."
_BROKEN = "Azure's answer broke off."
_GAVE_UP = "Azure began it and gave up, and gives no reason."
#: Of a code that the table lacks: "Please retry", "try again later"; not "do not retry".
_SAYS_LATER = r"(?i)(?<!not )\b(retry|try again)\b"
_NOT_SIGNED_IN = "vmbackup is not signed in to Azure: {}"


def refused(error: Exception) -> RefusedForNow | RefusedForGood:
    """The refusal of an answer of 300 or more. `error` has `status_code` and `response`."""
    status = int(getattr(error, "status_code", None) or 0)
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    code, message = (clean(text) for text in azure_words(error))
    waits = retry_after(headers) or _named_wait(message)
    if status == 429:
        return _too_often(message, waits)
    if status == 408 or status >= 500:
        return RefusedForNow(f"Azure answered {status}.", waits)
    if status < 400:  # a redirect, which is not followed
        return _not_azure(status)
    if status == 401:
        return RefusedForNow(_NOT_SIGNED_IN.format(_shortened(message) or "401."), waits)
    known = _known(code, message, waits)
    if known is None and status in (409, 412) and re.search(_SAYS_LATER, message):
        known = _refusal_of(_LATER, code, message, waits)
    return known or _unknown(status, code, message)


def failed_operation(body: Mapping[str, Any]) -> RefusedForNow | RefusedForGood:
    """Why accepted work failed or was canceled, by the body of the operation's address."""
    code, message = (clean(text) for text in words_in(body))
    if not code and not message:
        return RefusedForNow(_GAVE_UP, _SOON)
    known, said = _known(code, message, _named_wait(message)), _said(code, message)
    if known is None and re.search(_SAYS_LATER, message):
        return RefusedForNow(said.sentence, _SOON, at_most=_BUSY_AT_MOST)
    return known or said


def broken(error: Exception) -> RefusedForNow:
    """The refusal for an exception without Azure's answer: no connection, or none in time."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"TimeoutError", "ServiceRequestTimeoutError", "ServiceResponseTimeoutError"}:
        return RefusedForNow(_NO_TIME)
    return RefusedForNow(_NO_CONNECTION if "ServiceRequestError" in names else _BROKEN)


def retry_after(headers: Mapping[str, Any]) -> timedelta | None:
    """The longest wait that an answer's headers name: seconds, a date, or milliseconds."""
    found = [_wait(headers.get("Retry-After", ""), headers.get("Date", ""))]
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        text = str(headers.get(name, "")).strip()
        found.append(timedelta(milliseconds=int(text)) if _is_count(text) else None)
    return max((wait for wait in found if wait is not None), default=None)


def _wait(text: str, date: str) -> timedelta | None:
    if _is_count(text := str(text).strip()):
        return timedelta(seconds=int(text))
    until, since = _moment(text), _moment(str(date)) or datetime.now(UTC)
    return max(until - since, timedelta()) if until else None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _named_wait(message: str) -> timedelta | None:
    """Recorded 429s name the seconds in their text: "Please try again after '324' seconds"."""
    match = re.search(r"try again after '?(\d{1,9})'? seconds", message)
    return timedelta(seconds=int(match[1])) if match else None


def _too_often(message: str, waits: timedelta | None) -> RefusedForNow:
    """A 429 is always for now; one about restore points names the limit that was met."""
    words, row = _POINTS_TOO_OFTEN
    if re.search(words, message):
        return RefusedForNow(row.sentence_for(message), waits or row.wait)
    return RefusedForNow("Azure was asked too often.", waits)


def _known(
    code: str, message: str, waits: timedelta | None
) -> RefusedForNow | RefusedForGood | None:
    rows = [row for words, row in BY_WORDS if re.search(words, message)]
    row = rows[0] if rows and code.lower() not in _SAYS_ENOUGH else REFUSALS.get(code.lower())
    if row is None:
        return None
    return _refusal_of(row, code, message, waits)


def _refusal_of(
    row: Refusal, code: str, message: str, waits: timedelta | None
) -> RefusedForNow | RefusedForGood:
    if row.passes:
        return RefusedForNow(row.sentence_for(message), waits or row.wait, at_most=row.at_most)
    return RefusedForGood(row.sentence_for(message), code)


#: Codes whose messages are not searched: a lock's scope may hold any words.
_SAYS_ENOUGH = frozenset(
    {"scopelocked", "requestdisallowedbypolicy", "authorizationfailed", "linkedauthorizationfailed"}
)


def _unknown(status: int, code: str, message: str) -> RefusedForNow | RefusedForGood:
    if not code:
        return _not_azure(status)
    return _said(code, message)


def _not_azure(status: int) -> RefusedForNow:
    return RefusedForNow(f"Something on the way to Azure answered {status}, not Azure itself.")


def _said(code: str, message: str) -> RefusedForGood:
    words = _shortened(message) or "It gives no reason."
    return RefusedForGood(f"Azure says no ({code or 'no code'}): {words}", code)


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_WORDS else f"{message[:_LONGEST_WORDS].rstrip()}…"
