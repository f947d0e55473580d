"""Secrets that are replaced in their files while the bot runs, and none that is only half there."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp
import psycopg
import pytest
from little_slack import BOT_TOKEN, little_slack
from psycopg.conninfo import make_conninfo
from running_bot import Adviser, MovedClock

from advisor.cli.parameters import parse_asked
from advisor.errors import DatabaseUnreachable, SettingsUnreadable
from bot.composition.slack_app import build_bot, over_http
from bot.database.pool import Database, pooled
from bot.loops import running
from bot.settings import Settings, read_settings
from bot.settings.live_secrets import LiveSecrets
from bot.settings.secret_files import FOLDER_VARIABLE
from bot.slack.inbound.signatures import Admitted, SignatureGuard, sign
from tests.databases import Served

OLD, NEW = "0" * 32, "1" * 32
FORM = "application/x-www-form-urlencoded"
PATIENCE_SECONDS = 20.0


class Folder:
    """A mounted folder of secrets, and the environment that names it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, api_url: str = "") -> None:
        self.path = path
        path.mkdir()
        for name in ("CREDENTIALS_DIRECTORY", "SLACK_BOT_TOKEN", "DATABASE_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(FOLDER_VARIABLE, str(path))
        if api_url:
            monkeypatch.setenv("SLACK_API_URL", api_url)
        self.write(SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_SIGNING_SECRET=OLD)

    def write(self, **secrets: str) -> None:
        """As a mounted volume is changed: whole, by a rename."""
        for name, text in secrets.items():
            new = self.path / f".{name}"
            new.write_text(f"{text}\n", encoding="utf-8")
            new.rename(self.path / name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path / "secrets", monkeypatch)


# --- reading them ---------------------------------------------------------------------------


def test_a_file_stands_over_the_variable_and_this_folder_over_that_of_systemd(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "SLACK_BOT_TOKEN").write_text("xoxb-systemd")
    (credentials / "SLACK_APP_TOKEN").write_text("xapp-systemd")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-environment")
    settings = read_settings()
    assert settings.bot_token.get_secret_value() == BOT_TOKEN
    assert settings.token_for_socket_mode() == "xapp-systemd"
    folder.write(SLACK_BOT_TOKEN="")
    (credentials / "SLACK_BOT_TOKEN").unlink()
    assert read_settings().bot_token.get_secret_value() == "xoxb-environment"


def test_a_folder_that_is_not_there_and_a_file_that_is_no_secret_are_named(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for raw, why in ((b"x" * 70_000, "too large"), (b"\xff\xfe\x00", "no text")):
        (folder.path / "SLACK_APP_TOKEN").write_bytes(raw)
        with pytest.raises(SettingsUnreadable, match=why) as caught:
            read_settings()
        assert "SLACK_APP_TOKEN" in str(caught.value)
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder.path / "elsewhere"))
    with pytest.raises(SettingsUnreadable, match=r"there is no folder .*elsewhere"):
        read_settings()


async def test_a_value_counts_once_it_was_read_twice_alike(folder: Folder) -> None:
    """A file that is written where it stands can be read half."""
    live = LiveSecrets(read_settings())
    seen: list[str] = []

    async def takes(settings: Settings) -> None:
        seen.append(settings.secret_for_http())

    with live.following(takes, "signing_secret"):
        for half in (NEW[:7], NEW[:20], NEW):
            folder.write(SLACK_SIGNING_SECRET=half)
            assert await live.look() == ()
        assert await live.look() == ("SLACK_SIGNING_SECRET",)
        assert await live.look() == ()
        folder.write(SLACK_SIGNING_SECRET=OLD)
        assert await live.look(is_whole=True) == ("SLACK_SIGNING_SECRET",)
    assert seen == [NEW, OLD]
    folder.write(SLACK_SIGNING_SECRET=NEW)
    await live.look(is_whole=True)
    assert seen == [NEW, OLD], "nobody follows any more"


async def test_a_secret_that_is_wrong_or_refused_leaves_the_old_one_in_use(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSecrets(read_settings())

    async def refuses(settings: Settings) -> None:
        raise SettingsUnreadable("the new secret", "SLACK_BOT_TOKEN", "Slack does not take it.")

    with live.following(refuses, "bot_token"):
        for wrong in ("xapp-HIDDEN", "xoxb-HIDDEN"):
            folder.write(SLACK_BOT_TOKEN=wrong)
            for _ in range(3):
                assert await live.look(is_whole=True) == ()
    assert live.settings.bot_token.get_secret_value() == BOT_TOKEN
    said = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert len(said) == 2
    assert all("SLACK_BOT_TOKEN" in each and "stay in use" in each for each in said)
    assert "HIDDEN" not in caplog.text


# --- the signing secret ----------------------------------------------------------------------


def test_a_replaced_secret_is_taken_for_as_long_as_slack_sends_again() -> None:
    clock = MovedClock()
    guard = SignatureGuard(OLD, now=lambda: 1_000_000.0, clock=lambda: clock.now)
    guard.replace(NEW)
    bodies = iter(range(10))

    def admits(secret: str) -> bool:
        raw = f"command=%2Fvmbackup&text=help&trigger_id={next(bodies)}".encode()
        signature = sign(secret.encode(), "1000000", raw)
        headers = {
            "x-slack-request-timestamp": "1000000",
            "x-slack-signature": signature,
            "content-type": FORM,
        }
        return isinstance(guard.judge(headers, raw), Admitted)

    assert (admits(OLD), admits(NEW), admits("2" * 32)) == (True, True, False)
    clock.now = SignatureGuard.REPLACED_TAKEN_SECONDS - 1
    assert (admits(OLD), admits(NEW)) == (True, True)
    clock.now += 2
    assert (admits(OLD), admits(NEW)) == (False, True)


class Deliveries:
    """Commands over HTTP, one after another without a pause, signed as Slack signs now."""

    def __init__(self, url: str) -> None:
        self.url, self.signs_with = url, [OLD]
        self.answered: list[tuple[str, int]] = []

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            for number in range(100_000):
                secret = self.signs_with[number % len(self.signs_with)]
                await self._one(session, secret, number)

    async def _one(self, session: aiohttp.ClientSession, secret: str, number: int) -> None:
        raw = f"command=%2Fvmbackup&text=help&team_id=T1&user_id=U1&trigger_id={number}"
        stamp = str(int(time.time()))
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(secret.encode(), stamp, raw.encode()),
            "Content-Type": FORM,
        }
        async with session.post(self.url, data=raw, headers=headers) as answer:
            self.answered.append((secret, answer.status))

    async def more(self, count: int = 30) -> None:
        """Until so many were answered from now on."""
        wanted = len(self.answered) + count
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.answered) < wanted:
                await asyncio.sleep(0.01)


async def test_the_signing_secret_is_rotated_while_deliveries_arrive_and_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps of the runbook, on the files of a bot that runs."""
    async with little_slack() as slack:
        folder = Folder(tmp_path / "secrets", monkeypatch, slack.api_url)
        live = LiveSecrets(read_settings(), every_seconds=0.05)
        bot = build_bot(live.settings, Adviser(), parse_asked, secrets=live)
        async with over_http(bot, "127.0.0.1", 0) as port:
            deliveries = Deliveries(f"http://127.0.0.1:{port}/slack/events")
            async with running(live.run, deliveries.run):
                await deliveries.more()
                folder.write(SLACK_SIGNING_SECRET_OTHER=NEW)
                await taken(live, other=NEW)
                deliveries.signs_with = [OLD, NEW]  # Slack replaces it, machine by machine
                await deliveries.more()
                folder.write(SLACK_SIGNING_SECRET=NEW, SLACK_SIGNING_SECRET_OTHER="")
                await taken(live, secret=NEW)
                await deliveries.more()  # what was signed before arrives late
                deliveries.signs_with = [NEW]
                await deliveries.more()
    assert {status for _, status in deliveries.answered} == {200}
    assert {secret for secret, _ in deliveries.answered} == {OLD, NEW}


async def taken(live: LiveSecrets, secret: str = OLD, other: str = "") -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (live.settings.secret_for_http(), live.settings.other_secret_for_http()) != (
            secret,
            other,
        ):
            await asyncio.sleep(0.01)


# --- the database's password -----------------------------------------------------------------


async def test_new_connections_are_made_with_the_new_address_and_another_database_is_refused(
    served: Served,
) -> None:
    """The shared server trusts its socket, so what differs here is the user, not the password."""
    keywords = dict(served.connection_keywords)
    name = "rotated"
    with psycopg.connect(make_conninfo(**keywords), autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {name}".encode())
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
    try:
        async with pooled(keywords) as database:
            assert await who(database) == keywords["user"]
            with pytest.raises(SettingsUnreadable, match="names another database"):
                await database.use({**keywords, "dbname": "elsewhere"})
            with pytest.raises(DatabaseUnreachable):
                await database.use({**keywords, "user": "nobody-of-that-name"})
            await database.use({**keywords, "user": name})
            await database.pool.drain()
            assert await who(database) == name
    finally:
        with psycopg.connect(make_conninfo(**keywords), autocommit=True) as connection:
            connection.execute(f"DROP ROLE {name}".encode())


async def who(database: Database) -> str:
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT session_user")).fetchone()
    assert row
    return str(row[0])
