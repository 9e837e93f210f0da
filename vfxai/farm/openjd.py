"""Open Job Description, which AWS Deadline Cloud reads as well: a template of two steps, checked and run by the `openjd` command.

Source: Open Job Description specification 2023-09 with the extension TASK_CHUNKING.
"""

import json
from typing import Any

from vfxai.farm.job import RECIPE, FarmJob

TEMPLATE = "template.json"
NOTICE_SECONDS = 30
"""From the notice to the end of a cancelled task: longer than a frame takes at 4K on a processor is not needed, as whole frames stay."""


def files(job: FarmJob) -> dict[str, str]:
    """The job bundle: template and recipe, by file name."""
    return {TEMPLATE: json.dumps(template(job), indent=1) + "\n", RECIPE: job.recipe_text()}


def template(job: FarmJob) -> dict[str, Any]:
    """The job template."""
    steps = [_step(job, "Analyze", job.analyze_arguments("{{Param.Recipe}}"), None)] if job.analyzes else []
    frames = _step(job, "Frames", job.frames_arguments("{{Param.Recipe}}", "{{Task.Param.Frame}}"), _space(job))
    if job.analyzes:
        frames["dependencies"] = [{"dependsOn": "Analyze"}]
    found: dict[str, Any] = {
        "specificationVersion": "jobtemplate-2023-09",
        "extensions": ["TASK_CHUNKING"],
        "name": job.name[:128],
        "parameterDefinitions": [
            _parameter("Recipe", "PATH", RECIPE, "The recipe.", objectType="FILE", dataFlow="IN"),
            _parameter("Frames", "STRING", job.range.replace("x", ":"), "Frames of the plate to process."),
            _parameter("Vfxai", "STRING", job.executable, "The command on the farm's machines."),
        ],
        "steps": [*steps, frames],
    }
    if environments := _environments(job):
        found["jobEnvironments"] = environments
    return found


def _parameter(name: str, kind: str, default: str, description: str, **more: str) -> dict[str, str]:
    return {"name": name, "type": kind, "default": default, "description": description, **more}


def _step(job: FarmJob, name: str, arguments: list[str], space: dict[str, Any] | None) -> dict[str, Any]:
    run = {
        "command": "{{Param.Vfxai}}",
        "args": [*arguments, "--map-rules", "{{Session.PathMappingRulesFile}}"],
        "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTICE_SECONDS},
    }
    amounts = [{"name": "amount.worker.memory", "min": job.needs.memory_gib * 1024}]
    if job.needs.gpus:
        amounts.append({"name": "amount.worker.gpu", "min": job.needs.gpus})
    step: dict[str, Any] = {"name": name, "script": {"actions": {"onRun": run}}, "hostRequirements": {"amounts": amounts}}
    if space:
        step["parameterSpace"] = space
    if job.worker:
        step["stepEnvironments"] = [_worker()]
    return step


def _space(job: FarmJob) -> dict[str, Any]:
    chunks = {
        "defaultTaskCount": job.chunk,
        "rangeConstraint": "CONTIGUOUS" if job.contiguous else "NONCONTIGUOUS",
    }
    return {"taskParameterDefinitions": [{"name": "Frame", "type": "CHUNK[INT]", "range": "{{Param.Frames}}", "chunks": chunks}]}


def _environments(job: FarmJob) -> list[dict[str, Any]]:
    return [{"name": "Variables", "variables": dict(job.environment)}] if job.environment else []


def _worker() -> dict[str, Any]:
    """A worker of the session's own, which holds the networks from the first chunk to the last."""
    return {
        "name": "Worker",
        "variables": {"VFXAI_WORKER_DIR": "{{Session.WorkingDirectory}}/worker"},
        "script": {
            "actions": {
                "onEnter": {"command": "{{Param.Vfxai}}", "args": ["worker", "start"]},
                "onExit": {"command": "{{Param.Vfxai}}", "args": ["worker", "stop"]},
            }
        },
    }
