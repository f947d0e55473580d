"""The story of a request, one chapter per state: what a worker does when it is nudged."""
