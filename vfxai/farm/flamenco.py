"""Flamenco 3: a job type in JavaScript that its manager compiles into tasks.

Source: Flamenco's own job types (`JOB_TYPE`, `compileJob`, `author.Task`, `author.Command`, `frameChunker`).
"""

import json

from vfxai.farm.job import RECIPE, FarmJob

SCRIPT = "vfxai.js"


def files(job: FarmJob) -> dict[str, str]:
    """The job type with this job's values as defaults, and the recipe."""
    return {SCRIPT: script(job), RECIPE: job.recipe_text()}


def script(job: FarmJob) -> str:
    """The job type. Its settings are recipe, frames and chunk size; `{vfxai}` is a variable of the manager, by system."""
    kind = {
        "label": "vfxai",
        "settings": [
            {"key": "recipe", "type": "string", "required": True, "subtype": "file_path"},
            {"key": "frames", "type": "string", "required": True, "default": job.range.replace("x", ":")},
            {"key": "chunk_size", "type": "int32", "default": job.chunk},
        ],
    }
    analyze = job.analyze_arguments("RECIPE") if job.analyzes else None
    return _SCRIPT.format(
        kind=json.dumps(kind, indent=1),
        analyze=json.dumps(analyze),
        frames=json.dumps(job.frames_arguments("RECIPE", "FRAMES")),
    )


_SCRIPT = """// Put this file into the scripts folder of Flamenco's manager, and define the variable vfxai there: the command, by system.
const JOB_TYPE = {kind};
const ANALYZE = {analyze};
const FRAMES = {frames};

function command(words, recipe, frames) {{
  const args = words.map((word) => (word === "RECIPE" ? recipe : word === "FRAMES" ? frames : word));
  return author.Command("exec", {{ exe: "{{vfxai}}", args: args }});
}}

function compileJob(job) {{
  const settings = job.settings;
  let analyze = null;
  if (ANALYZE) {{
    analyze = author.Task("analyze", "misc");
    analyze.addCommand(command(ANALYZE, settings.recipe, ""));
    job.addTask(analyze);
  }}
  for (const chunk of frameChunker(settings.frames, settings.chunk_size)) {{
    const task = author.Task("frames-" + chunk, "misc");
    task.addCommand(command(FRAMES, settings.recipe, chunk));
    if (analyze) task.addDependency(analyze);
    job.addTask(task);
  }}
}}
"""
