"""The terminal reads the cloud that the environment names, as the bot does, and no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.azure_address import AZURE_ADDRESS_VARIABLE, azure_address
from advisor.errors import SettingsUnreadable
from advisor.prices.list_address import ADDRESS_VARIABLE, RETAIL_PRICES, list_address
from tests import played_az
from tests.played_shell import played_shell

#: US Government (docs.microsoft.com, azure-government/compare-azure-government-global-azure).
US_GOVERNMENT = "https://management.usgovcloudapi.net"
HOST = US_GOVERNMENT.removeprefix("https://")


@pytest.mark.parametrize("line", ["advise web-01 --json", "fleet --json", "bill web-01 --json"])
async def test_a_command_reads_the_cloud_of_the_environment(line: str, tmp_path: Path) -> None:
    """No name of the public cloud is led anywhere, and az has no token for it."""
    cloud = {AZURE_ADDRESS_VARIABLE: US_GOVERNMENT, played_az.CLOUD: US_GOVERNMENT}
    async with played_shell(tmp_path / "shell", hosts=[HOST]) as shell:
        ran = await shell.run(f"vmbackup {line}", **cloud)
        assert (ran.code, shell.refused) == (0, []), ran.err
        assert "web-01" in ran.out
        json.loads(ran.out)
        assert {each.headers["Host"].partition(":")[0] for each in shell.azure.requests} >= {HOST}


async def test_a_sign_in_to_another_cloud_is_said_and_nothing_is_read(tmp_path: Path) -> None:
    """az is signed in to the public cloud."""
    async with played_shell(tmp_path / "shell", hosts=[HOST]) as shell:
        ran = await shell.run("vmbackup advise web-01", **{AZURE_ADDRESS_VARIABLE: US_GOVERNMENT})
        assert ran.code == 5
        assert HOST not in {each.headers["Host"].partition(":")[0] for each in shell.azure.requests}


@pytest.mark.parametrize("wrong", ["http://azure.example", "management.azure.com", "ftp://azure"])
def test_a_wrong_address_is_named(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AZURE_ADDRESS_VARIABLE, wrong)
    with pytest.raises(SettingsUnreadable, match=AZURE_ADDRESS_VARIABLE):
        azure_address()


def test_only_a_played_azure_has_a_price_list_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)
    monkeypatch.setenv(AZURE_ADDRESS_VARIABLE, US_GOVERNMENT)
    assert list_address() == RETAIL_PRICES
    monkeypatch.setenv(AZURE_ADDRESS_VARIABLE, "http://127.0.0.1:3002")
    assert list_address() == "http://127.0.0.1:3002"
    monkeypatch.setenv(ADDRESS_VARIABLE, "https://prices.example")
    assert list_address() == "https://prices.example"
