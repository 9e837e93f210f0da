"""The tests; a package, so that `tests` is never that of an installed library."""
