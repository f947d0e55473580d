"""Whether a resource is this request's own: its source and tags decide before it is used, and
everything that was noted of it before it is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.azure.arm_ids import same_id
from bot.requests.tags import REQUEST_TAG, REQUESTER_TAG

#: The tags by which a resource that is being made is known as vmbackup's. A deletion compares the
#: tags of the plan and the expiry, too: a person who changed those means the resource to stay.
IDENTITY_TAGS = (REQUEST_TAG, REQUESTER_TAG)

Found = Mapping[str, Any]


def identity(tags: Mapping[str, str]) -> dict[str, str]:
    """The part of the tags by which the resource is recognised."""
    return {name: tags[name] for name in IDENTITY_TAGS if tags.get(name)}


def properties(resource: Found) -> Mapping[str, Any]:
    """The resource's `properties`; empty where Azure shows none."""
    held = resource.get("properties")
    return held if isinstance(held, dict) else {}


def tags_of(resource: Found) -> Mapping[str, str]:
    """The tags, by lower-cased name: ARM's tag names have no case."""
    held = resource.get("tags")
    return {str(name).lower(): str(text) for name, text in held.items()} if held else {}


def other_tag(resource: Found, wanted: Mapping[str, str]) -> str:
    """The name of the first wanted tag that the resource lacks; empty: it carries them all."""
    carried = tags_of(resource)
    wrong = (name for name, text in wanted.items() if carried.get(name.lower()) != text)
    return next(wrong, "")


def why_not_made_by_us(resource: Found, expect: Mapping[str, Any]) -> str:
    """A sentence where a resource of the right name is not this request's; empty where it is.

    `expect`: tags, source_id, and source_unique_id where it is known.
    """
    source = properties(resource).get("creationData") or {}
    if other_tag(resource, expect["tags"]):
        return _NOT_OURS
    if not _is_from(source.get("sourceResourceId"), expect):
        return _OTHER_SOURCE
    wanted, shown = expect.get("source_unique_id"), source.get("sourceUniqueId")
    if wanted and shown and not same_text(wanted, shown):
        return _OTHER_DISK
    return ""


def why_not_to_be_deleted(
    unique_id: str, time_created: str, resource: Found, expect: Mapping[str, Any]
) -> str:
    """A sentence where the resource differs from what was noted of it; empty where it agrees.

    `expect`: tags, unique_id and time_created as they were noted when the resource was made.
    """
    if not expect["unique_id"] or not expect["time_created"]:
        return "What it was when it was made was never noted, so it is left alone."
    if not same_text(unique_id, expect["unique_id"]):
        return "Its uniqueId is another one than when it was made, so it is left alone."
    if not same_moment(time_created, expect["time_created"]):
        return "It was created at another time than the one that was noted, so it is left alone."
    if name := other_tag(resource, expect["tags"]):
        return f"Its tag {name} is not as it was made, so it is left alone."
    return ""


def same_text(one: object, other: object) -> bool:
    """Whether two unique ids are equal; a GUID has no case."""
    return str(one or "").lower() == str(other or "").lower()


def same_moment(one: str, other: str) -> bool:
    """Whether two of Azure's times are equal, however many digits each has."""
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return one == other


def _is_from(source_id: object, expect: Mapping[str, Any]) -> bool:
    """Whether the source is the expected one or, of a restore point, a disk in it."""
    wanted, shown = str(expect["source_id"]), str(source_id or "")
    return same_id(wanted, shown) or shown.lower().startswith(
        f"{wanted.lower().rstrip('/')}/diskrestorepoints/"
    )


_NOT_OURS = (
    "Something of that name is there already and does not carry this request's tags; "
    "it is left as it is."
)
_OTHER_SOURCE = (
    "Something of that name is there already and was made from something else; it is left as it is."
)
_OTHER_DISK = "What is there was taken of an earlier disk of the same name; it is left as it is."
