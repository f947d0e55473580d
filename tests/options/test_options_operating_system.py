"""Which system a VM runs and whether the VM agent runs in it, by its image and by the agent."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.model import Image, Verdict
from advisor.options.operating_system import (
    APPLIANCE_PUBLISHERS,
    agent_certainty,
    agent_condition,
    is_appliance,
    operating_system,
)
from tests.strategies import UBUNTU, WINDOWS, a_case, a_vm

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
FIREWALL = Image(publisher="fortinet", offer="fortinet_fortigate-vm_v5", sku="fortinet_fg-vm")
GALLERY = Image(id="/subscriptions/s/providers/Microsoft.Compute/galleries/g/images/i/versions/1")


@pytest.mark.parametrize(
    ("publisher", "offer", "sku", "system"),
    [
        ("MicrosoftWindowsServer", "WindowsServer", "2025-datacenter-azure-edition",
         "Windows Server 2025"),
        ("MicrosoftWindowsServer", "WindowsServer", "2012-R2-Datacenter", "Windows Server 2012"),
        ("MicrosoftWindowsServer", "WindowsServer", "23h2-datacenter-core-g2", "Windows Server"),
        ("MicrosoftSQLServer", "sql2019-ws2022", "standard-gen2", "Windows Server 2022"),
        ("MicrosoftSQLServer", "sql2022-ws2025", "enterprise", "Windows Server 2025"),
        ("MicrosoftSQLServer", "sql2022-ubuntu2204", "web", "Ubuntu 22.04"),
        ("MicrosoftWindowsDesktop", "windows-11", "win11-24h2-ent", "Windows 11"),
        ("Canonical", "ubuntu-24_04-lts", "server", "Ubuntu 24.04"),
        ("almalinux", "almalinux-x86_64", "810-gen2", "Alma 8.10"),
        ("almalinux", "almalinux-x86_64", "9-gen2", "Alma 9"),
        ("RedHat", "RHEL-SAP-HA", "92sapha-gen2", "Red Hat 9.2"),
        ("RedHat", "RHEL", "810-gen2", "Red Hat 8.10"),
        ("SUSE", "sles-sap-15-sp5", "gen2", "Suse 15.5"),
        ("Oracle", "Oracle-Linux", "ol810-lvm-gen2", "Oracle Linux 8.10"),
        ("resf", "rockylinux-x86_64", "9-base", "Rocky 9"),
        ("MicrosoftCBLMariner", "azure-linux-3", "azure-linux-3-gen2", "Azure Linux 3"),
        ("fortinet", "fortinet_fortigate-vm_v5", "fortinet_fg-vm", ""),
        ("Cisco", "cisco-ubuntu-thing", "22_04", ""),
    ],
)  # fmt: skip
def test_an_image_names_its_system(publisher: str, offer: str, sku: str, system: str) -> None:
    image = Image(publisher=publisher, offer=offer, sku=sku)
    assert str(operating_system(a_vm(image=image))) == system


def test_a_gallery_image_and_a_specialised_disk_name_none() -> None:
    assert str(operating_system(a_vm(image=GALLERY))) == ""
    assert str(operating_system(a_vm(image=None))) == ""


def test_what_the_agent_reports_is_worth_more_than_the_image() -> None:
    vm = a_vm(image=UBUNTU, os_name="Windows Server 2025 Datacenter")
    assert str(operating_system(vm)) == "Windows Server 2025"


PLAIN = "the VM agent runs in it"
APPLIANCE = "the VM agent runs in this appliance"
AGENTS: tuple[tuple[dict[str, Any], Verdict, str], ...] = (
    ({"image": UBUNTU}, YES, ""),
    ({"image": WINDOWS}, YES, ""),
    ({"image": UBUNTU, "plan": "cis-ubuntu2204-l1"}, YES, ""),
    ({"image": UBUNTU, "agent_provisioned": True}, YES, ""),
    ({"image": UBUNTU, "agent_provisioned": False}, NO, "the VM agent is installed in it"),
    ({"image": UBUNTU, "agent_status": "Not Ready"}, NO, PLAIN),
    ({"image": UBUNTU, "agent_provisioned": False, "agent_status": "Ready"}, YES, ""),
    ({"image": None}, UNKNOWN, PLAIN),
    ({"image": None, "agent_status": "Ready"}, YES, ""),
    ({"image": GALLERY}, UNKNOWN, PLAIN),
    ({"image": GALLERY, "os_name": "ubuntu"}, YES, ""),
    ({"image": GALLERY, "plan": "vmseries-flex"}, NO, APPLIANCE),
    ({"image": FIREWALL}, NO, APPLIANCE),
    ({"image": FIREWALL, "plan": "fortinet_fg-vm", "agent_provisioned": True}, NO, APPLIANCE),
    ({"image": FIREWALL, "agent_status": "Ready"}, YES, ""),
    ({"image": Image(publisher="somebody", offer="thing", sku="1")}, UNKNOWN, PLAIN),
    ({"image": Image(publisher="kinvolk", offer="flatcar", sku="stable")}, NO, PLAIN),
)  # fmt: skip


@pytest.mark.parametrize(("facts", "certainty", "condition"), AGENTS)
def test_whether_the_agent_runs_is_said_with_its_condition(
    facts: dict[str, Any], certainty: Verdict, condition: str
) -> None:
    case = a_case(a_vm(**facts))
    assert agent_certainty(case) is certainty
    assert agent_condition(case) == condition


def test_an_appliance_is_known_by_its_publisher_in_any_case() -> None:
    for publisher in APPLIANCE_PUBLISHERS:
        assert is_appliance(a_vm(image=Image(publisher=publisher.upper(), offer="x", sku="y")))
    assert not is_appliance(a_vm(image=UBUNTU, plan="hardened"))
