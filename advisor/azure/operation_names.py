"""What a request to Azure is about, without a name in it: for traces, whose readers are many."""

from __future__ import annotations

from urllib.parse import urlsplit

_PROVIDERS = "providers"
#: Segments that a name follows, where there is no provider.
_HOLDERS = {"subscriptions", "resourcegroups", "managementgroups"}


def operation_name(url: str) -> str:
    """`Microsoft.Compute/virtualMachines/start` of a request's address; `subscriptions` of a list.

    Of a path like type/name/type/name the types are kept, of the last provider in it.
    """
    segments = [each for each in urlsplit(url).path.split("/") if each]
    lowered = [each.lower() for each in segments]
    if _PROVIDERS not in lowered:
        return "/".join(each for each in segments if each.lower() in _HOLDERS) or "other"
    last = len(lowered) - 1 - lowered[::-1].index(_PROVIDERS)
    namespace, *rest = segments[last + 1 :] or ["other"]
    return "/".join((namespace, *rest[::2]))
