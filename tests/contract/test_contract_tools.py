"""What `make contract` relies on: tools that cannot be installed are said, names are led."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deploy.local.azure.server import AzureStandIn
from tests.contract.installing import NotInstallable, Tool, found, installed
from tests.contract.leading_names import NameProxy
from tests.contract.report import Difference, Report, not_served
from tests.standin.azure.running_azure import small_world, talking


def test_a_tool_that_cannot_be_installed_is_said_with_pips_own_reason(tmp_path: Path) -> None:
    tool = Tool("no-such-program", (str(tmp_path / "nothing-here"),), str(tmp_path / "venv"))
    with pytest.raises(NotInstallable, match="nothing-here"):
        installed(tool, None)


def test_a_program_that_is_named_is_taken_without_a_look(tmp_path: Path) -> None:
    tool = Tool("no-such-program", (), str(tmp_path / "venv"))
    assert installed(tool, "/opt/az") == "/opt/az"
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_was_brought_before_is_found_and_none_is_brought_for_a_look(
    tmp_path: Path,
) -> None:
    brought = tmp_path / "venv" / "bin" / "no-such-program"
    tool = Tool("no-such-program", (), str(tmp_path / "venv"))
    assert found(tool, None) is None
    assert list(tmp_path.iterdir()) == []
    brought.parent.mkdir(parents=True)
    brought.touch()
    assert found(tool, None) == installed(tool, None) == str(brought)


async def connected(proxy: NameProxy, target: str) -> tuple[bytes, bytes]:
    """The proxy's first line, and what comes back for a word."""
    port = int(proxy.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"word\n")
    answer = await reader.read(100)
    writer.close()
    return head.splitlines()[0], answer


async def test_a_name_that_is_led_reaches_the_stand_in_and_others_nothing() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, NameProxy(["azure.example"], server.sockets[0].getsockname()[1]) as proxy:
        head, answer = await connected(proxy, "azure.example:443")
        assert (head, answer) == (b"HTTP/1.1 200 Connection established", b"word\n")
        head, answer = await connected(proxy, "other.example:443")
        assert (head, answer) == (b"HTTP/1.1 403 Forbidden", b"")
    assert proxy.refused == ["other.example:443"]


async def test_what_is_not_served_is_a_difference_whose_cause_is_looked_up() -> None:
    async with AzureStandIn(small_world()) as azure, talking(azure) as session:
        for path in ("/providers/Microsoft.Maps/a", "/providers/Microsoft.Maps/a", "/other/b"):
            await session.get(f"{path}?api-version=1")
        found = list(not_served(azure, {"microsoft.maps": "no maps here"}))
    assert found == [
        Difference("GET /providers/Microsoft.Maps/a is not served", "no maps here"),
        Difference("GET /other/b is not served"),
    ]
    report = Report("a tool", differences=found[:1])
    assert not report.bad
    report.differences += found[1:]
    assert report.bad


def test_a_check_that_fails_makes_the_report_bad(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("a tool")
    report.check("this holds")
    assert not report.bad
    report.check("that holds", "it does not")
    report.close()
    assert report.bad
    said = capsys.readouterr().out
    assert "failed  that holds\n        it does not" in said
    assert "1 passed, 1 failed, 0 differences" in said
