"""Requests: what is asked for, who may ask and decide, what state it is in. All of it is pure."""
