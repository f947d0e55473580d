"""Requests: their plans, their states, and who may ask and decide. All of it is pure."""
