"""A strict stand-in for the module `nuke`: real classes and knobs only, nodes on the main thread only, and Reads and Writes that really render."""
