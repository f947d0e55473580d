"""Who may ask, who may decide, and by which rule: pure, in one folder for a security review."""
