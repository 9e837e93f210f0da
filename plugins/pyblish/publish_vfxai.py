"""Publishing what vfxai wrote: put this folder on PYBLISHPLUGINPATH. AYON finds it by that alone; so does plain pyblish.

Standard library and pyblish only: the checks run in vfxai's own environment, by the command `vfxai check` ($VFXAI_EXECUTABLE, else on
PATH), and read files, never a node or a database. One file, since AYON loads each on its own, so that files cannot import one another.
"""

import json
import os
import re
import shutil
import subprocess
import webbrowser
from pathlib import Path

import pyblish.api

try:
    from ayon_core.pipeline.publish import PublishValidationError
except ImportError:  # outside AYON
    PublishValidationError = None

KEY = "vfxai"
"""In instance.data: what is published, what the checks found, where the report lies."""
HEADER_BYTES = 262144
"""Of a file, in which its provenance is looked for: an EXR header with every attribute stays below."""


def vfxai(*arguments):
    """Runs the command; (exit code, stdout). Raises RuntimeError with the remedy where it is not there."""
    program = os.environ.get("VFXAI_EXECUTABLE") or shutil.which("vfxai")
    if not program:
        raise RuntimeError("the command vfxai is not on PATH; set VFXAI_EXECUTABLE to it (docs/how-to/publish.md)")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")}
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, check=False)
    except OSError as error:
        raise RuntimeError(f"{program} does not run: {error}; set VFXAI_EXECUTABLE (docs/how-to/publish.md)") from error
    if done.returncode not in (0, 6):  # 6: a check failed, which the output says
        raise RuntimeError(f"vfxai {arguments[0]}: {done.stderr.strip() or done.returncode}")
    return done.returncode, done.stdout


def sequence_of(representation):
    """Pattern and frame range of a representation's files: (pattern, "1001-1048"); a single file has no range."""
    files, folder = representation["files"], Path(representation.get("stagingDir") or "")
    if isinstance(files, str):
        return str(folder / files), ""
    numbers = [re.search(r"(-?\d+)(?=\.[^.]+$)", name) for name in files]
    if not files or not all(numbers):
        return None, ""
    first = files[0]
    at = numbers[0].span(1)
    pattern = first[: at[0]] + "#" * (at[1] - at[0]) + first[at[1] :]
    found = sorted(int(n.group(1)) for n in numbers)
    whole = found == list(range(found[0], found[-1] + 1))
    return str(folder / pattern), f"{found[0]}-{found[-1]}" if whole else ",".join(map(str, found))


def is_ours(path):
    """Whether a file says that vfxai wrote it."""
    try:
        with Path(path).open("rb") as stream:
            return b"vfxai/recipe" in stream.read(HEADER_BYTES)
    except OSError:
        return False


def first_file(pattern):
    """A file of a pattern, or None."""
    path = Path(pattern)
    parts = [re.escape(part) for part in re.split(r"#+", path.name)]
    name = re.compile(r"-?\d+".join(parts))
    return next((p for p in sorted(path.parent.glob("*")) if name.fullmatch(p.name)), None)


def fail(title, problems):
    """Raises AYON's error where it is there, else RuntimeError; both say what, where and the remedy."""
    lines = [f"{p['where']}: {p['what']}. {p['remedy']}" for p in problems]
    message = f"{title}: {len(lines)} problem{'s' if len(lines) > 1 else ''}\n" + "\n".join(lines[:20])
    if PublishValidationError is not None:
        raise PublishValidationError(message, title=title, description="\n".join(f"- {line}" for line in lines[:20]))
    raise RuntimeError(message)


class CollectVfxai(pyblish.api.InstancePlugin):
    """Finds the representations that vfxai wrote."""

    order = pyblish.api.CollectorOrder + 0.4
    label = "Collect vfxai results"
    hosts = ["*"]
    families = ["*"]

    def process(self, instance):
        """Looks into the header of one file of each."""
        for representation in instance.data.get("representations", []):
            pattern, frames = sequence_of(representation)
            sample = first_file(pattern) if pattern else None
            if sample is None or not is_ours(sample):
                continue
            color = (representation.get("colorspaceData") or {}).get("colorspace") or instance.data.get("colorspace") or ""
            instance.data[KEY] = {"output": pattern, "frames": self.whole_range(instance) or frames, "colorspace": color}
            instance.data.setdefault("families", []).append(KEY)
            return

    @staticmethod
    def whole_range(instance):
        """What should be there by the pipeline's word; empty where it says nothing."""
        first, last = instance.data.get("frameStartHandle"), instance.data.get("frameEndHandle")
        return f"{int(first)}-{int(last)}" if first is not None and last is not None else ""


def arguments_of(instance):
    """The command line of a delivery, from what was collected and what the project sets."""
    data, settings = instance.data[KEY], instance.context.data.get("vfxaiSettings", {})
    found = [data["output"]]
    for option, value in (("--frames", data["frames"]), ("--colorspace", data["colorspace"]), ("--license", settings.get("license")),
                          ("--most-changed", settings.get("most_changed")), ("--most-shift", settings.get("most_shift")),
                          ("--most-invented", settings.get("most_invented")), ("--against", settings.get("against")),
                          ("--machines", settings.get("machines"))):  # fmt: skip
        if value not in (None, ""):
            found.append(f"{option}={value}")
    return found + [f"--map={rule}" for rule in settings.get("map", [])]


def problems_of(instance, check):
    """What a check found; all of them run once an instance."""
    data = instance.data[KEY]
    if "problems" not in data:
        data["problems"] = json.loads(vfxai("check", *arguments_of(instance), "--json")[1])
    return data["problems"].get(check, [])


def make_report(instance):
    """Writes the change report; the path of its page."""
    data = instance.data[KEY]
    if "report" not in data:
        folder = Path(instance.data.get("stagingDir") or Path(data["output"]).parent)
        to = folder / f"{instance.data.get('name') or 'vfxai'}_change_report"
        vfxai("report", *arguments_of(instance), f"--to={to}")
        data["report"] = Path(f"{to}.html")
    return data["report"]


class OpenReport(pyblish.api.Action):
    """Shows where and how much was changed."""

    label = "Open change report"
    on = "failedOrWarning"
    icon = "file-text"

    def process(self, context, plugin):
        """Opens the report of every instance that failed."""
        for result in context.data.get("results", []):
            instance = result.get("instance")
            if result.get("error") and instance is not None and KEY in instance.data:
                webbrowser.open(make_report(instance).absolute().as_uri())


class _Validator(pyblish.api.InstancePlugin):
    order = pyblish.api.ValidatorOrder + 0.1
    hosts = ["*"]
    families = [KEY]
    actions = [OpenReport]
    optional = True
    check = ""

    def process(self, instance):
        """Fails with what the check found."""
        problems = problems_of(instance, self.check)
        if problems:
            fail(self.label, problems)


class ValidateVfxaiComplete(_Validator):
    """Every frame is there."""

    label, check = "Every frame is there", "complete"


class ValidateVfxaiProvenance(_Validator):
    """Every frame says how it was made, and all say the same."""

    label, check = "Provenance is whole", "provenance"


class ValidateVfxaiInputs(_Validator):
    """Nothing that the frames were made of has changed since."""

    label, check = "Inputs are unchanged", "inputs"


class ValidateVfxaiMachines(_Validator):
    """One class of machine made all frames, or the project allows several."""

    label, check = "One class of machine", "machines"


class ValidateVfxaiUntouched(_Validator):
    """Channels, windows and timecode that were not processed are the plate's."""

    label, check = "The rest is the plate's", "untouched"


class ValidateVfxaiColorspace(_Validator):
    """The colour space is what the pipeline says."""

    label, check = "Colour space agrees", "colorspace"


class ValidateVfxaiFinite(_Validator):
    """Every frame is whole and every pixel is a number."""

    label, check = "Frames are whole", "finite"


class ValidateVfxaiLicense(_Validator):
    """The models may be used for this show."""

    label, check = "Models are licensed", "license"


class ValidateVfxaiRecipe(_Validator):
    """The recipe lies beside the frames."""

    label, check = "Recipe is kept", "recipe"


class ValidateVfxaiLimits(_Validator):
    """Changes stay within limits."""

    label, check = "Change is within limits", "limits"


class ExtractVfxaiReport(pyblish.api.InstancePlugin):
    """Writes the change report and publishes it with the frames."""

    order = pyblish.api.ExtractorOrder + 0.1
    label = "Change report of vfxai"
    hosts = ["*"]
    families = [KEY]

    def process(self, instance):
        """Adds page and data as representations."""
        page = make_report(instance)
        for kind in ("html", "json"):
            file, folder = page.with_suffix(f".{kind}").name, str(page.parent)
            one = {"name": f"vfxai_report_{kind}", "ext": kind, "files": file, "stagingDir": folder, "tags": []}
            instance.data.setdefault("representations", []).append(one)


class IntegrateVfxaiRecord(pyblish.api.InstancePlugin):
    """Copies report and recipe to where the frames were published, where no integrator did."""

    order = pyblish.api.IntegratorOrder + 0.2
    label = "Record of vfxai"
    hosts = ["*"]
    families = [KEY]

    def process(self, instance):
        """Needs instance.data["publishDir"]; without it there is nothing to do."""
        target = instance.data.get("publishDir")
        if not target:
            return
        page = make_report(instance)
        recipes = (Path(instance.data[KEY]["output"]).parent / ".vfxai").glob("*.recipe.json")
        for path in [page, page.with_suffix(".json"), *recipes]:
            copy = Path(target) / path.name
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
