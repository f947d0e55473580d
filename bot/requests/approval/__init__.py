"""Who may ask, who may decide, by which rule: pure, in one folder for a review of security."""
