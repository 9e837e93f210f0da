"""The publish plug-ins, found and run by pyblish itself as a studio's pipeline does, with the checks in a process of their own."""

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.farm.conftest import vfxai_command

pyblish_api = pytest.importorskip("pyblish.api", reason="pyblish-base comes with the extras publish and dev")
PLUGINS = Path(__file__).parents[2] / "plugins/pyblish"


@pytest.fixture
def published(finished: Path, show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Publishes the shot's copy as a pipeline would; (context, results)."""
    import pyblish.util

    monkeypatch.setenv("VFXAI_EXECUTABLE", str(vfxai_command(tmp_path)))
    monkeypatch.setenv("PYBLISHPLUGINPATH", str(PLUGINS))

    def publish(**data: object) -> tuple[Any, list[dict[str, Any]]]:
        pyblish_api.deregister_all_paths()
        pyblish_api.deregister_all_plugins()
        context = pyblish_api.Context()
        context.data["vfxaiSettings"] = {"license": "commercial", "map": [f"{finished}={show}"]}
        instance = context.create_instance("plateDenoised", family="render")
        files = [f"sh.{n}.exr" for n in range(1001, 1005)]
        representation = {"name": "exr", "ext": "exr", "files": files, "stagingDir": str(show / "out")}
        instance.data.update({"representations": [representation], "stagingDir": str(show / "out"), **data})
        pyblish.util.publish(context, plugins=pyblish_api.discover())
        return context, context.data["results"]

    return publish


def errors_of(results: list[dict[str, Any]]) -> dict[str, str]:
    return {r["plugin"].__name__: str(r["error"]) for r in results if r["error"]}


def test_pyblish_finds_every_plug_in_by_the_folder_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYBLISHPLUGINPATH", str(PLUGINS))
    pyblish_api.deregister_all_paths()
    names = [p.__name__ for p in pyblish_api.discover()]
    assert [n for n in names if n.startswith("Validate")].__len__() == 10
    assert {"CollectVfxai", "ExtractVfxaiReport", "IntegrateVfxaiRecord"} <= set(names)


def test_every_check_has_its_validator() -> None:
    from vfxai.publish.checks import CHECKS

    text = (PLUGINS / "publish_vfxai.py").read_text(encoding="utf-8")
    assert all(f'"{check.id}"' in text for check in CHECKS) and text.count("(_Validator)") == len(CHECKS)


def test_a_good_shot_is_published_with_its_report(published: Any, show: Path, tmp_path: Path) -> None:
    context, results = published(publishDir=str(tmp_path / "published"))
    assert errors_of(results) == {}
    names = {r["name"] for r in context[0].data["representations"]}
    assert {"vfxai_report_html", "vfxai_report_json"} <= names
    report = json.loads((tmp_path / "published/plateDenoised_change_report.json").read_text())
    assert (
        all(check["state"] == "ok" for check in report["checks"])
        and len(list((tmp_path / "published").glob("*.recipe.json"))) == 1
    )


def test_a_missing_frame_stops_the_publish_and_says_the_remedy(published: Any, show: Path) -> None:
    (show / "out/sh.1003.exr").unlink()
    _context, results = published(frameStartHandle=1001, frameEndHandle=1004)
    found = errors_of(results)
    assert (
        list(found) == ["ValidateVfxaiComplete"]
        and "1003" in found["ValidateVfxaiComplete"]
        and "run the recipe again" in found["ValidateVfxaiComplete"]
    )
    assert not any(r["plugin"].__name__ == "ExtractVfxaiReport" for r in results), "nothing is extracted"


def test_what_vfxai_did_not_write_is_left_alone(published: Any, show: Path) -> None:
    for path in (show / "plate").glob("*.exr"):
        path.replace(show / "out" / path.name)
    _context, results = published()
    assert not [r for r in results if r["plugin"].__name__.startswith("Validate")]


def test_a_host_without_the_command_is_told_where_to_set_it(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VFXAI_EXECUTABLE")
    monkeypatch.setenv("PATH", "")
    _context, results = published()
    assert "set VFXAI_EXECUTABLE" in next(iter(errors_of(results).values()))


def test_the_plug_ins_import_nothing_of_vfxai() -> None:
    import ast

    tree = ast.parse((PLUGINS / "publish_vfxai.py").read_text(encoding="utf-8"))
    modules = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    modules |= {str(n.module).split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert modules <= set(sys.stdlib_module_names) | {"pyblish", "ayon_core"}


def test_the_action_of_a_validator_that_failed_opens_the_report(
    published: Any, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    import pyblish.plugin

    (show / "out/sh.1003.exr").unlink()
    context, results = published(frameStartHandle=1001, frameEndHandle=1004)
    (failed,) = [result["plugin"] for result in results if result["error"]]
    (action,) = failed.actions
    assert action.label == "Open change report" and action.on == "failedOrWarning"
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    done = pyblish.plugin.process(failed, context, action=action.id)
    assert done["error"] is None and opened == [(show / "out/plateDenoised_change_report.html").as_uri()]
    report = json.loads((show / "out/plateDenoised_change_report.json").read_text())
    assert [check["id"] for check in report["checks"] if check["state"] == "failed"] == ["complete"]


def test_inside_ayon_a_problem_is_ayons_own_error_with_title_and_list(
    published: Any, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a stand-in for the one name of ayon-core that the plug-ins use; ayon-core itself is in no registry."""

    class PublishValidationError(Exception):
        """As ayon_core.pipeline.publish has it: message, title, description in Markdown."""

        def __init__(self, message: str, title: str | None = None, description: str | None = None) -> None:
            super().__init__(message)
            self.title, self.description = title, description or ""

    publish = types.ModuleType("ayon_core.pipeline.publish")
    publish.PublishValidationError = PublishValidationError  # type: ignore[attr-defined]  # a module made here
    for name, module in (("ayon_core", None), ("ayon_core.pipeline", None), ("ayon_core.pipeline.publish", publish)):
        monkeypatch.setitem(sys.modules, name, module or types.ModuleType(name))
    (show / "out/sh.1003.exr").unlink()
    _context, results = published(frameStartHandle=1001, frameEndHandle=1004)
    (error,) = [result["error"] for result in results if result["error"]]
    assert isinstance(error, PublishValidationError) and error.title == "Every frame is there"
    assert error.description.startswith("- ") and "run the recipe again" in error.description


def test_ayons_own_discovery_finds_the_plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    lib = pytest.importorskip(
        "ayon_core.pipeline.publish", reason="ayon-core is in no registry; put its client folder on PYTHONPATH"
    )
    monkeypatch.setenv("PYBLISHPLUGINPATH", str(PLUGINS))
    pyblish_api.deregister_all_paths()
    found = {plugin.__name__ for plugin in lib.publish_plugins_discover().plugins}
    assert {"CollectVfxai", "ValidateVfxaiComplete", "ExtractVfxaiReport", "IntegrateVfxaiRecord"} <= found
