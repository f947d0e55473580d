"""The parts of a fleet's report in one HTML file: its page, its style and its scripts."""
