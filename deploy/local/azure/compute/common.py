"""What every kind of compute resource shares: ids, names, tags, lists, and the first refusals."""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from advisor.regions import region_name
from deploy.local.azure.access import allowed
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal, page
from deploy.local.azure.metadata import SUBSCRIPTION, not_found, require_group, require_subscription
from deploy.local.azure.world import Body, World

DISKS = "Microsoft.Compute/disks"
SNAPSHOTS = "Microsoft.Compute/snapshots"
VMS = "Microsoft.Compute/virtualMachines"

GIB = 2**30
#: Resource names of Microsoft.Compute disks and snapshots (learn.microsoft.com
#: resource-name-rules, 2025): letters, digits, underscore, hyphen, dot; up to 80.
_NAME_LENGTH = 80
_NAME = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9_])?", re.ASCII)
#: tag-resources (Azure Resource Manager), 2025: 50 tags, names of 512, values of 256 characters.
_TAGS, _TAG_NAME_LENGTH, _TAG_VALUE_LENGTH = 50, 512, 256

#: What the first answer to a PUT repeats of the request, beside its properties.
_ECHOED = ("tags", "sku", "zones", "extendedLocation")

Show = Callable[[Body], Body]


def as_stored(body: Body) -> Body:
    """A resource as a read gives it, where nothing is left out."""
    return body


def arm_id(text: object) -> str:
    """An ARM id with its leading slash, which callers leave out at times."""
    return f"/{str(text or '').strip('/')}"


def resource_id(call: Call, kind: str) -> str:
    """The id of the path's resource, its subscription and group spelt as the caller did."""
    subscription, group = call.params["subscription"], call.params["group"]
    scope = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return f"{scope}/providers/{kind}/{call.params['name']}"


def require(call: Call, kind: str) -> Body:
    """The path's resource. Raises Refusal 404 where there is none, or no such group."""
    body = call.world.get(resource_id(call, kind))
    if body is None:
        require_group(call)
        raise not_found(call, kind)
    return body


def as_asked(call: Call, body: Body) -> Body:
    """The first answer to the PUT of a disk or snapshot: what was asked for, and that it is being
    made. What Azure fills in (uniqueId, timeCreated, diskState, sku.tier, ...) comes later."""
    asked = copy.deepcopy(call.fields)
    known = {name: body[name] for name in ("name", "id", "type", "location")}
    given = {name: asked[name] for name in _ECHOED if asked.get(name) is not None}
    properties = (asked.get("properties") or {}) | {"provisioningState": "Updating"}
    return known | given | {"properties": properties}


def moment(value: datetime) -> str:
    """As Microsoft.Compute writes a time."""
    return value.isoformat()


def merged(old: Body, new: Mapping[str, object]) -> Body:
    """`new` laid over `old`, objects within objects too; a null takes away."""
    result = dict(old)
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


# --- what is refused of any resource ---------------------------------------------------------


def invalid(message: str, code: str = "InvalidParameter") -> Refusal:
    return Refusal(400, code, message)


def conflict(message: str, code: str = "OperationNotAllowed") -> Refusal:
    return Refusal(409, code, message)


def check_new(call: Call, kind: str) -> Body:
    """The body of a PUT, its name, location and tags looked at. Raises Refusal 400, 404, 409."""
    require_group(call)
    _check_name(call.params["name"], kind)
    body = call.fields
    if not body.get("location"):
        raise Refusal(
            400, "LocationRequired", "The location property is required for this definition."
        )
    check_tags(body.get("tags"))
    _check_location(call, kind, body["location"])
    return body


def _check_name(name: str, kind: str) -> None:
    if len(name) > _NAME_LENGTH or not _NAME.fullmatch(name):
        raise Refusal(
            400,
            "InvalidParameter",
            f"The entity name '{name}' of type '{kind}' is invalid according to its validation "
            f"rule: at most {_NAME_LENGTH} letters, digits, '_', '-' and '.', beginning with a "
            "letter or digit and ending with a letter, digit or '_'.",
        )


def check_tags(tags: object) -> None:
    """Raises Refusal 400 for more or longer tags than ARM takes."""
    if not tags:
        return
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise invalid("The tags are an object of strings.", "InvalidRequestContent")
    if len(tags) > _TAGS:
        message = f"The number of tags '{len(tags)}' exceeds the maximum of '{_TAGS}'."
        raise Refusal(400, "InvalidTagCount", message)
    for name, value in tags.items():
        if len(name) > _TAG_NAME_LENGTH:
            raise Refusal(400, "InvalidTagNameLength", f"The tag name '{name}' is too long.")
        if len(value) > _TAG_VALUE_LENGTH:
            raise Refusal(400, "InvalidTagValueLength", f"The value of tag '{name}' is too long.")


def _check_location(call: Call, kind: str, location: str) -> None:
    known = call.world.get(resource_id(call, kind))
    if known and region_name(str(known["location"])) != region_name(location):
        raise conflict(
            f"The resource '{known['name']}' already exists in location '{known['location']}' in "
            f"resource group '{call.params['group']}'. A resource with the same name cannot be "
            f"created in location '{location}'. Please select a new resource name.",
            "InvalidResourceLocation",
        )


def check_unchanged(path: str, old: object, new: object) -> None:
    """Raises Refusal 409 where a property that stays for ever is sent with another value."""
    if str(old or "").strip("/").lower() != str(new or "").strip("/").lower():
        message = f"Changing property '{path}' is not allowed."
        raise Refusal(409, "PropertyChangeNotAllowed", message, details=[])


def at_region(body: Body) -> str:
    """The region of a resource, under ARM's name."""
    return region_name(str(body["location"]))


# --- lists -----------------------------------------------------------------------------------


def reads(
    prefix: str, kind: str, show: Show = as_stored, *, lists: tuple[str, str]
) -> tuple[Operation, ...]:
    """Get, list of a group and list of a subscription; `lists` are the names of the last two."""
    provider = f"/providers/{kind}"

    def get(call: Call) -> Answer:
        return Answer(200, show(require(call, kind)))

    def list_(call: Call) -> Answer:
        return listed(call, in_scope(call, kind), show)

    by_group, by_subscription = lists
    return (
        Operation(f"{prefix}_Get", "GET", f"{RESOURCE_GROUP}{provider}/{{name}}", get),
        Operation(f"{prefix}_{by_group}", "GET", f"{RESOURCE_GROUP}{provider}", list_),
        Operation(f"{prefix}_{by_subscription}", "GET", f"{SUBSCRIPTION}{provider}", list_),
    )


def in_scope(call: Call, kind: str) -> list[Body]:
    """All of that kind that the caller may see below the path's group or subscription."""
    require_group(call) if "group" in call.params else require_subscription(call)
    scope = call.path.rpartition("/providers/")[0]
    return [body for body in call.world.of_type(kind, scope) if allowed(call.world, body["id"])]


def listed(call: Call, bodies: list[Body], show: Show = as_stored) -> Answer:
    """One page, from the `$skiptoken` on; the token names the last id of the page before."""
    after = _opened(call.query.get("$skiptoken", ""))
    rest = [body for body in bodies if body["id"].lower() > after]
    here = rest[: call.world.page_size]
    link = None
    if len(rest) > len(here):
        token = base64.urlsafe_b64encode(here[-1]["id"].lower().encode()).decode()
        link = f"{call.base_url}{call.path}?{urlencode({**call.query, '$skiptoken': token})}"
    return page([show(body) for body in here], link)


def _opened(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid("The skip token is not valid.", "InvalidSkipToken") from error


# --- work that runs on in the background -----------------------------------------------------


def in_steps(world: World, seconds: float, steps: int, step: Callable[[int], bool]) -> None:
    """Calls step(1), ... step(steps) while the time passes, until it says False."""

    def at(number: int) -> Callable[[], None]:
        def work() -> None:
            if step(number) and number < steps:
                world.after_work(seconds / steps, at(number + 1))

        return work

    world.after_work(seconds / steps, at(1))


def within(world: World, times: list[datetime], window: timedelta) -> list[datetime]:
    """Those of the times that lie no longer ago than the window."""
    return [time for time in times if world.now - time < window]
