"""Pages of a list: `$top` and `$skipToken`, with a next link that carries both."""

from __future__ import annotations

from urllib.parse import urlencode

from deploy.local.azure.backup.tracking import link
from deploy.local.azure.calls import Answer, Call, Refusal, page
from deploy.local.azure.world import Body

#: Rows in one page unless `$top` says fewer; the service's own number is not documented.
PAGE = 200


def paged(call: Call, rows: list[Body]) -> Answer:
    """One page of the rows. Raises Refusal 400 for a token or size that is no number."""
    try:
        start = int(call.query.get("$skipToken") or call.query.get("$skiptoken") or 0)
        size = min(int(call.query.get("$top") or PAGE), PAGE)
    except ValueError as error:
        raise Refusal(400, "InvalidSkipToken", "The skip token or size is not valid.") from error
    if start + size >= len(rows):
        return page(rows[start:])
    kept = {name: call.query[name] for name in ("$filter", "$top") if name in call.query}
    more = urlencode(kept | {"$skipToken": start + size})
    return page(rows[start : start + size], f"{link(call, call.path)}&{more}")
