"""Worlds to play with: a sample fleet that shows every case, and seeded fleets of any size."""
