"""Network interfaces of VMs, as Microsoft.Network has them."""

from __future__ import annotations

import zlib

from deploy.local.azure.world import Body

NIC_TYPE = "Microsoft.Network/networkInterfaces"


def interface_id(vm_id: str) -> str:
    """The id of the one interface that a VM of these worlds has."""
    scope, _, rest = vm_id.partition("/providers/")
    return f"{scope}/providers/{NIC_TYPE}/{rest.rsplit('/', 1)[-1]}-nic"


def interface_body(vm: Body) -> Body:
    """The VM's interface, in the default subnet of its region's network; its addresses follow
    from its id, so that they are the same in every run."""
    arm_id = interface_id(vm["id"])
    number = zlib.crc32(arm_id.lower().encode())
    octets = ".".join(str(number >> shift & 0xFF) for shift in (16, 8, 0))
    mac = "-".join(f"{number >> shift & 0xFF:02X}" for shift in (16, 8, 0))
    scope = arm_id.partition("/providers/")[0]
    network = f"{scope}/providers/Microsoft.Network/virtualNetworks/vnet-{vm['location']}"
    return {
        "id": arm_id,
        "name": arm_id.rsplit("/", 1)[-1],
        "type": NIC_TYPE,
        "location": vm["location"],
        "kind": "Regular",
        "tags": {},
        "properties": {
            "provisioningState": "Succeeded",
            "ipConfigurations": [_configuration(arm_id, f"10.{octets}", network)],
            "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
            "macAddress": f"00-0D-3A-{mac}",
            "enableAcceleratedNetworking": True,
            "enableIPForwarding": False,
            "primary": True,
            "virtualMachine": {"id": vm["id"]},
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
        },
    }


def _configuration(arm_id: str, address: str, network: str) -> Body:
    return {
        "id": f"{arm_id}/ipConfigurations/ipconfig1",
        "name": "ipconfig1",
        "type": f"{NIC_TYPE}/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": True,
            "subnet": {"id": f"{network}/subnets/default"},
        },
    }
