"""What the tests put in the place of `az`: the few of its commands that documents show.

It asks the played Azure over the wire and prints as az does: resources with their properties on
the level above (Azure CLI 2.91). Anything else ends it with az's own exit code.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

URL, SUBSCRIPTION = "PLAYED_AZURE_URL", "PLAYED_SUBSCRIPTION"
#: The Resource Manager of the cloud that az is signed in to; a token for another is refused.
CLOUD = "PLAYED_CLOUD"
IDENTITY, HEADER = "PLAYED_IDENTITY_URL", "PLAYED_IDENTITY_HEADER"
MANAGEMENT = "https://management.azure.com"
#: What else of Azure is read with a token of its own; the played one takes the same for all.
DATA_PLANES = ("https://metrics.monitor.azure.com", "https://api.loganalytics.io")
LISTS = {
    ("vm", "list"): ("virtualMachines", "2024-07-01"),
    ("disk", "list"): ("disks", "2024-03-02"),
}
GRAPH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
NO_SUCH_COMMAND = 2


def main(words: list[str]) -> int:
    if tuple(words[:2]) in LISTS and words[2:] == ["-o", "json"]:
        return shown([flat(row) for row in listed(*LISTS[words[0], words[1]])])
    if words[:2] == ["graph", "query"]:
        return shown(queried(words[2:]))
    known = {cloud(), *DATA_PLANES}
    if words[:2] == ["account", "get-access-token"] and not known.isdisjoint(words):
        return shown(signed_in())
    print(f"ERROR: the played az has no {' '.join(words)}", file=sys.stderr)
    return NO_SUCH_COMMAND


def shown(body: Any) -> int:
    print(json.dumps(body, indent=2))
    return 0


def listed(kind: str, version: str) -> list[Any]:
    scope = f"/subscriptions/{os.environ[SUBSCRIPTION]}/providers/Microsoft.Compute/{kind}"
    return list(asked(f"{os.environ[URL]}{scope}?api-version={version}")["value"])


def flat(row: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in row.items() if key != "properties"}
    return {**rest, "resourceGroup": row["id"].split("/")[4], **row["properties"]}


def queried(words: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    parser.add_argument("-q", dest="query", required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("-o", dest="output", choices=["json"], required=True)
    said = parser.parse_args(words)
    body = {"query": said.query, "options": {"$top": said.first, "resultFormat": "objectArray"}}
    answer = asked(f"{os.environ[URL]}{GRAPH}", json.dumps(body).encode())
    return {
        "count": answer["count"],
        "data": answer["data"],
        "skip_token": answer.get("$skipToken"),
        "total_records": answer["totalRecords"],
    }


def signed_in() -> dict[str, str]:
    until = datetime.now() + timedelta(minutes=30)  # noqa: DTZ005 - az writes local time
    return {
        "accessToken": token(),
        "expiresOn": f"{until:%Y-%m-%d %H:%M:%S.000000}",
        "subscription": os.environ[SUBSCRIPTION],
        "tokenType": "Bearer",
    }


def cloud() -> str:
    return os.environ.get(CLOUD, MANAGEMENT)


def token() -> str:
    query = urlencode({"api-version": "2019-08-01", "resource": MANAGEMENT})
    headers = {"X-IDENTITY-HEADER": os.environ[HEADER]}
    with urlopen(Request(f"{os.environ[IDENTITY]}?{query}", headers=headers)) as answer:
        return str(json.load(answer)["access_token"])


def asked(url: str, body: bytes | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/json"}
    with urlopen(Request(url, data=body, headers=headers)) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
