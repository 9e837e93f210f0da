"""What stands in the way: wires found, and the background behind what is hidden."""
