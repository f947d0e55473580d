"""Contracts held by hand, since what they need is too large for every run."""
