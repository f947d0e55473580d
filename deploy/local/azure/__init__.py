"""Azure on loopback: one ARM endpoint over one world of resources that can be changed."""
