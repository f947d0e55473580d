"""What the priced plans of requests are made of. Pure: what was read goes in, a plan comes out."""
