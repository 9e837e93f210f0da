"""Deadline 10: a CommandLine job for the analysis and one for the frames, as pairs of info files.

Source: Deadline 10 user manual, "Manual Job Submission" and "Command Line" plug-in.
"""

from vfxai.farm.job import RECIPE, FarmJob
from vfxai.image.sequence import frames_text

PAIRS = ("analyze", "frames")


def files(job: FarmJob) -> dict[str, str]:
    """Job and plug-in info by file name, and the recipe. RECIPE in the arguments is where the recipe was written."""
    found = {RECIPE: job.recipe_text()}
    if job.analyzes:
        first = frames_text(job.frames[:1])
        found |= _pair(job, "analyze", job.analyze_arguments("<AUXFILE0>"), first, 1)
    frames = "<STARTFRAME>-<ENDFRAME>"
    return found | _pair(job, "frames", job.frames_arguments("<AUXFILE0>", frames), job.range, job.chunk)


def submit_command(job: FarmJob, folder: str) -> list[str]:
    """Both jobs, the second waiting for the first; the recipe goes along as an auxiliary file."""
    pairs = PAIRS if job.analyzes else PAIRS[1:]
    jobs = [word for n in pairs for word in ("-job", f"{folder}/{n}_job.info", f"{folder}/{n}_plugin.info", f"{folder}/{RECIPE}")]
    return ["deadlinecommand", "SubmitMultipleJobs", "-dependent", *jobs]


def _pair(job: FarmJob, step: str, arguments: list[str], frames: str, chunk: int) -> dict[str, str]:
    facts = {
        "Plugin": "CommandLine",
        "Name": f"{job.name} ({step})",
        "BatchName": job.name,
        "Frames": frames,
        "ChunkSize": str(chunk),
        "OverrideJobFailureDetection": "True",
        "FailureDetectionJobErrors": "0",  # the job goes on past a chunk that fails
        "OverrideTaskFailureDetection": "True",
        "FailureDetectionTaskErrors": str(job.needs.retries + 1),
        **{f"EnvironmentKeyValue{i}": f"{k}={v}" for i, (k, v) in enumerate(job.environment.items())},
    }
    if job.needs.gpus:
        facts["ConcurrentTasks"] = "1"
    plugin = {
        "Executable": job.executable,
        "Arguments": " ".join(map(_quoted, arguments)),
        "Shell": "default",
        "ShellExecute": "False",
        "SingleFramesOnly": "False",
    }
    return {f"{step}_job.info": _lines(facts), f"{step}_plugin.info": _lines(plugin)}


def _quoted(word: str) -> str:
    """Deadline puts <QUOTE> where a quotation mark is meant."""
    return f"<QUOTE>{word}<QUOTE>" if " " in word or word == "<AUXFILE0>" else word


def _lines(facts: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in facts.items())
