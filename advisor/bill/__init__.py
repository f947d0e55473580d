"""What protection really cost: the charges of a month, shared out, beside what was estimated."""
