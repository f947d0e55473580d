"""What a worker does with a request in each state: one file a state, and what the states share."""
