"""What is made once for a process, however many questions it asks Azure."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.pipeline.policies import AsyncHTTPPolicy, SansIOHTTPPolicy

from advisor.azure.connection import AzureConnection

ROUNDS = 20
_AFTER_THE_START = """
import asyncio, sys
from advisor.azure.connection import AzureConnection
from bot.azure.connection import AzureActs

async def start():
    async with AzureConnection(credential=object()) as connection, AzureActs(connection):
        loaded = {*sys.modules}
        from azure.mgmt.compute.aio import ComputeManagementClient
        print(sorted(name for name in {*sys.modules} - loaded if name.startswith("azure.")))

asyncio.run(start())
"""


@contextmanager
def _around(_method: str, _operation: str) -> Iterator[object]:
    yield lambda _status: None


def _kinds() -> int:
    return len(AsyncHTTPPolicy.__subclasses__()) + len(SansIOHTTPPolicy.__subclasses__())


async def test_a_client_for_each_question_makes_no_class_of_its_own() -> None:
    played = AzureConnection(
        credential=object(),
        base_url="http://127.0.0.1:1",
        allow_plain_http=True,
        observe=lambda *_: None,
        around=_around,  # type: ignore[arg-type]
    )
    async with played as connection:
        connection.client_arguments()
        gc.collect()
        before = _kinds()
        for _ in range(ROUNDS):
            connection.client_arguments()
        assert _kinds() == before


def test_the_door_to_azure_has_loaded_its_sdk_before_the_first_request() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _AFTER_THE_START], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
