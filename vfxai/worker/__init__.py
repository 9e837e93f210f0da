"""The worker: one long-lived process a user and machine that owns the device; hosts and command lines are its clients."""
