"""What we know of VMs: from files (`exports`) or live (`resource_graph`), joined on full ids."""
