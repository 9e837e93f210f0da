"""A recipe as a job of a render farm: one value says the job, a writer an engine puts it into that engine's words."""
