"""What Azure says of a protection's health where that is not good, as plain sentences.

Nothing here decides a state; it is shown beside it, so that a reason is never swallowed. The words
are Azure's own and of many shapes: what is no text is passed over and never refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from advisor.inventory.fields import Fields
from advisor.words import age, clean, listed

#: A replica without a crash-consistent point for so long is an error of Site Recovery's own
#: (azure-to-azure-troubleshoot-replication, 2024-09-09: error 153007).
LONGEST_BEHIND = timedelta(hours=1)

_SHOWN = 300  #: characters of a sentence of Azure's that are repeated
_GOOD = {"", "passed", "healthy", "protected", "normal", "none", "invalid", "irpending"}
_ASKED = {"actionrequired": "asks for an action", "actionsuggested": "suggests an action"}
_WARNED = {"completedwithwarnings", "completed with warnings"}
#: Summaries of a scan at the source, and words of a point, that say more than "not looked"
#: (threat-detection-overview, 2025-11-10).
_SUSPICIOUS = {"suspicious"}
_THREAT = {"unhealthy": "holds a threat", "warning": "may hold a threat"}


def backup_health(properties: Fields) -> Iterator[str]:
    """Of a protected item of a vault: health, protection status, warnings, suspicions."""
    health = _word(properties, "healthStatus")
    status = _word(properties, "protectionStatus")
    if health not in _GOOD or status not in _GOOD:
        asks = _ASKED.get(health)
        shown = f"“{_shown(properties.raw('protectionStatus') or properties.raw('healthStatus'))}”"
        subject = f"Azure Backup {asks}" if asks else f"Azure Backup calls the protection {shown}"
        reasons = [text for one in _objects(properties, "healthDetails") if (text := _detail(one))]
        yield f"{subject}: {' '.join(reasons)}" if reasons else f"{subject}."
    if error := _error(properties.raw("lastBackupErrorDetail")):
        yield error
    if _word(properties, "lastBackupStatus") in _WARNED:
        yield "The last backup was completed with warnings."
    if _inner(properties, "extendedInfo").get("policyInconsistent") is True:
        yield "The item does not follow its policy as the policy is now."
    if _text(_inner(properties, "sourceSideScanInfo"), "sourceSideScanSummary") in _SUSPICIOUS:
        yield "Microsoft Defender saw something suspicious in the VM in the last 7 days."


def point_health(properties: Fields) -> Iterator[str]:
    """Of a recovery point: the threats that were seen in it."""
    if found := _THREAT.get(_word(properties, "threatStatus")):
        titles = [_shown(one.get("threatTitle")) for one in _objects(properties, "threatInfo")]
        named = listed(dict.fromkeys(one for one in titles if one))
        when = _shown(properties.raw("recoveryPointTime"))[:16].replace("T", " ")
        yield f"The point of {when} {found}{f': {named}' if named else ''}."


def replication_health(properties: Fields) -> Iterator[str]:
    """Of a replicated item: its errors, its agent, its disks, and how far it is behind."""
    details = properties.inner("providerSpecificDetails")
    errors = [_error(one) for one in _objects(properties, "healthErrors")]
    yield from dict.fromkeys(one for one in errors if one)
    if _word(properties, "replicationHealth") == "warning" and not any(errors):
        yield "Site Recovery warns of the replication."
    if _word(properties, "failoverHealth") not in _GOOD:
        word = _shown(properties.raw("failoverHealth"))
        yield f"Site Recovery doubts that a failover would succeed: it calls it {word}."
    if details.flag("isAgentReinstallRequired"):
        reasons = [_shown(one) for one in _list(details, "reasonsBlockingReInstall")]
        why = f" What hinders it: {listed(reasons)}." if reasons else ""
        yield f"Site Recovery's agent in the VM must be installed anew.{why}"
    elif details.flag("isReplicationAgentUpdateRequired"):
        yield "Site Recovery's agent in the VM must be updated."
    anew = [
        _shown(one.get("diskName") or one.get("diskId"))
        for one in _objects(details, "protectedManagedDisks")
        if one.get("resyncRequired") is True
    ]
    if anew:
        yield f"Site Recovery must copy anew what it holds of {listed(anew)}."
    behind = timedelta(seconds=details.whole("rpoInSeconds") or 0)
    if behind > LONGEST_BEHIND:
        yield f"The replication is {age(behind)} behind."


def disk_backup_health(status: Fields) -> Iterator[str]:
    """Of an instance of Azure Disk Backup: the error of its protectionStatus."""
    if error := _error(status.raw("errorDetails")):
        yield error


def _detail(one: Mapping[str, Any]) -> str:
    """A detail's own sentence and the first thing to do."""
    said = _sentence(one.get("message") or one.get("title"))
    to_do = one.get("recommendations")
    first = to_do[0] if isinstance(to_do, list) and to_do else ""
    return f"{said} {_sentence(first)}".strip()


def _error(one: Any) -> str:
    if not isinstance(one, Mapping):
        return ""
    for key in ("summaryMessage", "errorMessage", "message"):
        if said := _sentence(one.get(key)):
            return said
    code = _shown(one.get("errorCode") or one.get("code"))
    return f"Azure reports the error {code}." if code else ""


def _sentence(value: Any) -> str:
    said = _shown(value)
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."


def _shown(value: Any) -> str:
    """A text of Azure's on one line, cut where it is long; empty for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    said = clean(str(value))
    return said if len(said) <= _SHOWN else said[:_SHOWN] + "…"


def _word(fields: Fields, key: str) -> str:
    value = fields.raw(key)
    return value.strip().lower() if isinstance(value, str) else ""


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value.lower() if isinstance(value, str) else ""


def _inner(fields: Fields, key: str) -> Mapping[str, Any]:
    value = fields.raw(key)
    return value if isinstance(value, Mapping) else {}


def _list(fields: Fields, key: str) -> list[Any]:
    value = fields.raw(key)
    return value if isinstance(value, list) else []


def _objects(fields: Fields, key: str) -> list[Mapping[str, Any]]:
    return [one for one in _list(fields, key) if isinstance(one, Mapping)]
