"""DATABASE_URL: what is refused before a password is sent, and what is said."""

from __future__ import annotations

import pytest

from advisor.errors import SettingsUnreadable
from bot.database.address import keywords_of, place_of

FAR = "postgresql://bot:pa%40ss@db.example.com/vmbackup"


@pytest.mark.parametrize(
    "mode",
    ["", "disable", "allow", "prefer", "require", "verify-ca"],
)
def test_a_server_elsewhere_must_prove_who_it_is(mode: str) -> None:
    with pytest.raises(SettingsUnreadable) as caught:
        keywords_of(FAR + (f"?sslmode={mode}" if mode else ""))
    sentence = str(caught.value)
    assert "DATABASE_URL" in sentence
    assert "prove that db.example.com is your server" in sentence
    assert "Add sslmode=verify-full" in sentence
    assert "pa@ss" not in sentence
    assert "pa%40ss" not in sentence


def test_a_server_elsewhere_that_proves_it_is_taken_with_its_password() -> None:
    keywords = keywords_of(f"{FAR}?sslmode=verify-full&sslrootcert=system")
    assert (keywords["host"], keywords["password"]) == ("db.example.com", "pa@ss")
    assert keywords["keepalives_idle"] == "30"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:secret@localhost/vmbackup",
        "postgres://127.0.0.1:6543/vmbackup",
        "postgresql://[::1]/vmbackup",
        "postgresql:///vmbackup?host=/var/run/postgresql",
        "postgresql://%2Fvar%2Frun%2Fpostgresql/vmbackup",
        "host=/run/postgresql dbname=vmbackup",
    ],
)
def test_a_server_on_this_machine_needs_no_proof(url: str) -> None:
    assert keywords_of(url)["dbname"] == "vmbackup"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://localhost,db.example.com/vmbackup",
        "postgresql://localhost/vmbackup?hostaddr=10.0.0.5",
        "postgresql://127.0.0.1.example.com/vmbackup",
        "host=localhost hostaddr=10.0.0.5 sslmode=prefer",
    ],
)
def test_a_server_that_only_looks_local_is_one_elsewhere(url: str) -> None:
    with pytest.raises(SettingsUnreadable, match="Add sslmode=verify-full"):
        keywords_of(url)


@pytest.mark.parametrize("url", ["postgresql://", "postgresql:///vmbackup", "dbname=vmbackup"])
def test_an_address_without_a_host_is_refused(url: str) -> None:
    """libpq would take one from the environment or a service file, unseen."""
    with pytest.raises(SettingsUnreadable, match="it names no host"):
        keywords_of(url)


@pytest.mark.parametrize("url", ["mysql://db/x", "postgresql://h/x?no=such", "host='x", "%zz"])
def test_an_address_that_cannot_be_read_says_how_to_write_one(url: str) -> None:
    with pytest.raises(SettingsUnreadable, match="Write it like postgresql://user:password@host"):
        keywords_of(url)


def test_what_an_address_says_of_pauses_and_names_wins_over_ours() -> None:
    keywords = keywords_of("postgresql://localhost/x?connect_timeout=30&application_name=mine")
    assert (keywords["connect_timeout"], keywords["application_name"]) == ("30", "mine")


def test_a_place_is_named_without_user_and_password() -> None:
    keywords = keywords_of("postgresql://ada:secret@localhost:6543/vmbackup")
    assert place_of(keywords) == "“vmbackup” at localhost, port 6543"
