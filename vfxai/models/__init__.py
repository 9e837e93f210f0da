"""Models: papers, store, backends, tiles."""
