"""The doctor: asks everything that must be right, and changes nothing."""
