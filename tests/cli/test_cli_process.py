"""The installed command as a process of its own: streams, pipes, terminals, signals, imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
SAMPLE = ROOT / "deploy" / "local" / "sample-inventory.json"


def vmbackup(
    *args: str, stdin: bytes = b"", cwd: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The command as it is installed, with the modules of this tree: a copy of it is tried, too."""
    ours = {"PATH": os.defpath, "HOME": str(cwd), "VMBACKUP_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [VMBACKUP, *args],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**ours, **environment},
        timeout=120,
        check=False,
    )


def test_the_program_says_the_version_of_the_project(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ran = vmbackup("--version", cwd=tmp_path)
    assert (ran.returncode, ran.stdout.decode()) == (0, f"vmbackup {project['version']}\n")


def test_a_dash_is_standard_input(tmp_path: Path) -> None:
    ran = vmbackup(
        "advise", "web-01", "--inventory", "-", "--json", stdin=SAMPLE.read_bytes(), cwd=tmp_path
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout)["vm"]["name"] == "web-01"


def test_nothing_on_standard_input_is_named(tmp_path: Path) -> None:
    ran = vmbackup("advise", "web-01", "--inventory", "-", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (4, b"")
    assert ran.stderr.startswith(b"vmbackup: standard input")


def test_a_guessed_encoding_is_said_beside_the_advice(tmp_path: Path) -> None:
    """Standard output stays the advice alone, so that a program can read it."""
    written = SAMPLE.read_text("utf-8").replace('"web-01"', '"web-01", "note": "Zoë"', 1)
    path = tmp_path / "vms.json"
    path.write_bytes(written.encode("cp1252"))
    ran = vmbackup("advise", "web-01", "--inventory", "vms.json", "--json", cwd=tmp_path)
    assert ran.returncode == 0
    assert json.loads(ran.stdout)["vm"]["name"] == "web-01"
    assert ran.stderr.startswith(b"vmbackup: vms.json is not in UTF-8 and was read as cp1252")


def test_an_empty_list_asks_for_the_subscription_and_ends_as_a_vm_not_found(
    tmp_path: Path,
) -> None:
    ran = vmbackup("advise", "web-01", "--inventory", "-", stdin=b"[]\n", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b"holds an empty list: no VM is in it" in ran.stderr
    assert b"az account show" in ran.stderr


def test_a_terminal_without_utf_8_fails_nothing(tmp_path: Path) -> None:
    ran = vmbackup(
        *("advise", "web-01", "--inventory", str(SAMPLE)), cwd=tmp_path, PYTHONIOENCODING="ascii"
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [VMBACKUP, "advise", "web-01", "--inventory", str(SAMPLE)],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [VMBACKUP, "advise", "web-01", "--inventory", str(SAMPLE)],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
    said = b"vmbackup: What was found could not be written: No space left on device.\n"
    assert (ran.returncode, ran.stderr) == (1, said)


def test_a_closed_standard_output_is_a_sentence(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" >&-', VMBACKUP, "prices", "show"],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr == b"vmbackup: There is no standard output to write to.\n"


def test_five_without_a_sign_in_azure_is_not_read(tmp_path: Path) -> None:
    """azure-identity is told to use the account of `az`, which this PATH does not have."""
    ran = vmbackup("advise", "web-01", cwd=tmp_path, AZURE_TOKEN_CREDENTIALS="AzureCliCredential")
    assert (ran.returncode, ran.stdout) == (5, b"")
    assert ran.stderr.startswith(b"vmbackup: Azure")
    assert b"Traceback" not in ran.stderr


class RefusingSlack(BaseHTTPRequestHandler):
    """Slack, to whom no token is known."""

    def do_POST(self) -> None:
        body = b'{"ok": false, "error": "invalid_auth"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def refusing_slack() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), RefusingSlack) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/"
        finally:
            server.shutdown()
            serving.join()


def test_five_a_token_that_slack_does_not_know_is_named(tmp_path: Path, directory: Path) -> None:
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-not-a-token", "SLACK_APP_TOKEN": "xapp-1-not-a-token"}
    here = {"VMBACKUP_AZURE_URL": "http://127.0.0.1:9", "VMBACKUP_DATA_DIR": str(directory.parent)}
    with refusing_slack() as url:
        ran = vmbackup("bot", cwd=tmp_path, SLACK_API_URL=url, **here, **tokens)
    assert (ran.returncode, ran.stdout) == (5, b"")
    assert b"vmbackup: Slack refused SLACK_BOT_TOKEN: invalid_auth" in ran.stderr
    assert b"not-a-token" not in ran.stderr
    assert b"Traceback" not in ran.stderr


_IMPORTED = """
import sys
from advisor.cli.group import run
from bot.cli import vmbackup
run(vmbackup(), sys.argv[1:])
print(" ".join(sorted({name.split(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def imported_by(*args: str, **environment: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", _IMPORTED, *args],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=120,
        check=True,
    )
    return set(ran.stderr.splitlines()[-1].split())


def test_help_imports_nothing_but_click() -> None:
    imported = imported_by("--help")
    assert "click" in imported
    assert not imported & {"pydantic", "rich", "azure", "aiohttp", "slack_bolt", "slack_sdk"}
    assert not imported & {"asyncio", "rapidfuzz", "platformdirs", "decimal"}
    assert not imported & {"psycopg", "psycopg_pool", "alembic", "sqlalchemy", "psutil"}


def test_an_advice_from_a_file_imports_no_sdk_and_no_network() -> None:
    imported = imported_by("advise", "web-01", "--inventory", str(SAMPLE))
    assert "decimal" in imported
    assert not imported & {"azure", "msal", "aiohttp", "slack_bolt", "slack_sdk", "pydantic"}
    assert not imported & {"asyncio", "stamina", "socket", "yarl"}


def test_an_advice_in_short_imports_nothing_that_draws_tables() -> None:
    words = ("advise", "web-01", "--inventory", str(SAMPLE))
    assert not imported_by(*words, COLUMNS="") & {"rich", "shutil", "zlib"}
    assert "rich" in imported_by(*words, "--details")


def test_a_list_that_failed_a_short_time_ago_costs_no_import(tmp_path: Path) -> None:
    """Without a network an answer is late once; then it is as fast as without asking."""
    asks = {
        "VMBACKUP_OFFLINE": "0",
        "VMBACKUP_PRICES_URL": "http://127.0.0.1:9",
        "VMBACKUP_CACHE_DIR": str(tmp_path),
    }
    words = ("advise", "web-01", "--inventory", str(SAMPLE))
    assert {"asyncio", "aiohttp"} <= imported_by(*words, **asks)
    assert not imported_by(*words, **asks) & {"asyncio", "aiohttp", "pydantic", "stamina"}


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of POSIX")
@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_only_a_terminal_that_wants_them_gets_colours(
    environment: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    shown = in_a_terminal(tmp_path, {"TERM": "xterm-256color", **environment})
    assert b"web-01" in shown
    assert (b"\x1b[" in shown) is coloured


def in_a_terminal(cwd: Path, environment: dict[str, str]) -> bytes:
    """What an advice writes to a pseudo-terminal."""
    import pty

    reader, terminal = pty.openpty()
    with subprocess.Popen(
        [VMBACKUP, "advise", "web-01", "--inventory", str(SAMPLE)],
        cwd=cwd,
        env={"PATH": os.defpath, "HOME": str(cwd), "VMBACKUP_OFFLINE": "1", **environment},
        stdout=terminal,
        stdin=subprocess.DEVNULL,
    ):
        os.close(terminal)
        shown = b""
        while piece := _read(reader):
            shown += piece
    os.close(reader)
    return shown


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 65536)
    except OSError:  # what Linux tells when the other side is gone
        return b""
