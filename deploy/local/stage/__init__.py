"""The stage of the demo: what is shown of the played Azure, and what one may do to it."""
