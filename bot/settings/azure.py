"""The settings of Azure and of its price list: addresses, and what is read."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from advisor.azure_address import (
    AZURE_ADDRESS_VARIABLE,
    PUBLIC_AZURE,
    checked_azure_address,
    is_played,
)
from advisor.errors import UsageError
from advisor.prices.list_address import (
    ADDRESS_VARIABLE,
    OFFLINE_VARIABLE,
    RETAIL_PRICES,
    checked_origin,
    says_offline,
)
from bot.settings.base import SettingsPart

#: An id as Azure gives it to a subscription.
_SUBSCRIPTION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: A management group's own id (azure-resource-manager/management/resource-name-rules, 2026).
_MANAGEMENT_GROUP = re.compile(r"[\w.()-]{1,90}", re.ASCII)

Names = Annotated[tuple[str, ...], NoDecode]


class AzurePart(SettingsPart):
    """How Azure is reached, and which part of it is read."""

    subscriptions: Names = Field(
        (),
        validation_alias="VMBACKUP_SUBSCRIPTIONS",
        description="The only subscriptions the bot reads, by commas. Default: all it may read.",
    )
    management_groups: Names = Field(
        (),
        validation_alias="VMBACKUP_MANAGEMENT_GROUPS",
        description="The only management groups the bot reads, by commas.",
    )

    azure_url: str = Field(
        PUBLIC_AZURE,
        validation_alias=AZURE_ADDRESS_VARIABLE,
        description=(
            "The address of Azure Resource Manager, of every command: another cloud's, such as "
            "https://management.usgovcloudapi.net, or a played one on this machine."
        ),
    )

    workspace: str = Field(
        "",
        validation_alias="VMBACKUP_WORKSPACE",
        description=(
            "The Log Analytics workspace that `measure` asks for used sizes, in the terminal and "
            "in Slack, by its Workspace ID. Default: none is asked."
        ),
    )

    region: str = Field(
        "",
        validation_alias="VMBACKUP_REGION",
        description=(
            "The Azure region in which the bot and its database run, such as northeurope: "
            "`vmbackup doctor` warns where VMs that it protects are in it, too."
        ),
    )

    offline: bool = Field(
        False,
        validation_alias=OFFLINE_VARIABLE,
        description=(
            "1: no answer asks Azure's price list, in the terminal or in Slack; the prices that "
            "are there are used. Default: what is missing or old is fetched."
        ),
    )
    prices_address: str = Field(
        "",
        validation_alias=ADDRESS_VARIABLE,
        description=(
            "The address of the price list, of every command; another one than "
            "https://prices.azure.com is for trying things out locally."
        ),
    )

    @field_validator("subscriptions", "management_groups", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("subscriptions")
    @classmethod
    def _are_ids_of_subscriptions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        what = "a subscription. Write ids, as `az account list --output table` shows them."
        return _each(value, _SUBSCRIPTION, what)

    @field_validator("management_groups")
    @classmethod
    def _are_ids_of_management_groups(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        what = "a management group. Write ids, as `az account management-group list` shows them."
        return _each(value, _MANAGEMENT_GROUP, what)

    @field_validator("workspace")
    @classmethod
    def _is_the_id_of_a_workspace(cls, value: str) -> str:
        from advisor.azure.guest_metrics import checked_workspace

        try:
            return checked_workspace(value) if value else ""
        except UsageError as error:
            raise ValueError(str(error)) from None

    @field_validator("azure_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return checked_azure_address(value)

    @field_validator("offline", mode="before")
    @classmethod
    def _as_every_command_reads_it(cls, value: object) -> object:
        return says_offline(value) if isinstance(value, str) else value

    @field_validator("prices_address")
    @classmethod
    def _is_an_address_of_prices(cls, value: str) -> str:
        try:
            return checked_origin(value) if value else ""
        except UsageError as error:
            raise ValueError(str(error)) from None

    @property
    def price_list(self) -> str:
        """The origin of the price list: a played Azure has one of its own."""
        return self.prices_address or (self.azure_url if self.azure_is_local else RETAIL_PRICES)

    @property
    def azure_is_local(self) -> bool:
        """Whether a stand-in on this machine plays Azure."""
        return is_played(self.azure_url)


def _each(values: tuple[str, ...], shape: re.Pattern[str], what: str) -> tuple[str, ...]:
    for value in values:
        if not shape.fullmatch(value):
            raise ValueError(f"“{value[:60]}” is not the id of {what}")
    return values
