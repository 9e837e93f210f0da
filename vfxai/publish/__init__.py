"""What may be published: one set of checks on files alone, for pyblish, AYON, Flow and the command line."""
