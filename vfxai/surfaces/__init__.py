"""What is derived from a node's description."""
