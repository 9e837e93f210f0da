"""Nodes over clips: plates, analyses, models and a colour config in, lazy frames out. Knows no paths, no progress bar, no output folder."""
