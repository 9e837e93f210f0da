"""A publish plug-in of Flow Production Tracking (tk-multi-publish2) that checks what vfxai wrote before it is published.

Put it into the configuration's hooks and name it in publish_plugins (docs/how-to/publish.md). Standard library and sgtk only: the checks
run in vfxai's own environment, by the command `vfxai check` ($VFXAI_EXECUTABLE, else on PATH).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import sgtk

HookBaseClass = sgtk.get_hook_baseclass()


class PublishVfxai(HookBaseClass):
    """Refuses a sequence whose provenance, pixels or licences are not in order, and publishes its change report beside it."""

    @property
    def name(self):
        """Shown in the publisher."""
        return "Check vfxai results"

    @property
    def description(self):
        """Shown beside it."""
        return "Checks provenance, completeness, untouched channels, colour space and licences of what vfxai wrote, and writes the change report."

    @property
    def settings(self):
        """What a configuration may set."""
        text = {"type": "str", "default": ""}
        return {
            "License": {
                **text,
                "default": "commercial",
                "description": "commercial: only models that allow paid work; any: all.",
            },
            "Color Space": {**text, "description": "Colour space that the sequence must have; empty: any."},
            "Most Shift": {
                **text,
                "description": "Shift of tone allowed, as a multiple of the noise; empty: 0.5 for nodes that keep tone.",
            },
        }

    @property
    def item_filters(self):
        """Image sequences."""
        return ["file.*.sequence"]

    def accept(self, settings, item):
        """Takes what says that vfxai wrote it."""
        paths = item.properties.get("sequence_paths") or [item.properties["path"]]
        with Path(paths[0]).open("rb") as stream:
            ours = b"vfxai/recipe" in stream.read(262144)  # an EXR header with every attribute stays below
        return {"accepted": ours, "checked": ours}

    def validate(self, settings, item):
        """True where every check passes; what failed is in the log, with the remedy, and behind "Open report"."""
        code, text = self._vfxai("check", *self._arguments(settings, item), "--json")
        failed = [problem for problems in json.loads(text).values() for problem in problems]
        for problem in failed:
            self.logger.error(
                f"{problem['where']}: {problem['what']}. {problem['remedy']}",
                extra={
                    "action_button": {
                        "label": "Open report",
                        "tooltip": "What was changed, where and how much",
                        "callback": lambda: self._open(settings, item),
                    }
                },
            )
        return code == 0 and not failed

    def publish(self, settings, item):
        """Writes the report."""
        to = Path(item.properties["path"]).parent / "change_report"
        self._vfxai("report", *self._arguments(settings, item), f"--to={to}")
        item.properties["vfxai_report"] = f"{to}.html"

    def finalize(self, settings, item):
        """Says where the report lies."""
        self.logger.info(f"Change report: {item.properties['vfxai_report']}")

    def _arguments(self, settings, item):
        found = [
            item.properties["path"],
            f"--license={settings['License'].value or 'any'}",
        ]
        options = (("--colorspace", "Color Space"), ("--most-shift", "Most Shift"))
        return found + [f"{option}={settings[name].value}" for option, name in options if settings[name].value]

    def _open(self, settings, item):
        import webbrowser

        self.publish(settings, item)
        webbrowser.open(Path(item.properties["vfxai_report"]).absolute().as_uri())

    def _vfxai(self, *arguments):
        program = os.environ.get("VFXAI_EXECUTABLE") or shutil.which("vfxai")
        if not program:
            raise RuntimeError("the command vfxai is not on PATH; set VFXAI_EXECUTABLE to it (docs/how-to/publish.md)")
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")}
        done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, check=False)
        if done.returncode not in (0, 6):  # 6: a check failed, which the output says
            raise RuntimeError(f"vfxai {arguments[0]}: {done.stderr.strip() or done.returncode}")
        return done.returncode, done.stdout
