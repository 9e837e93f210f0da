"""The change report in a real browser: everything is in the one file, every picture is drawn, and the slider wipes."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.publish.conftest import delivery_of
from vfxai.publish.report import make

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
ASK = """<script>
const slider = document.querySelector('.wipe input');
slider.value = 80;
slider.dispatchEvent(new Event('input'));
addEventListener('load', () => {
  const images = [...document.images];
  const over = document.querySelector('.wipe img + img');
  document.body.dataset.seen = JSON.stringify({
    images: images.length,
    drawn: images.filter((image) => image.complete && image.naturalWidth > 0).length,
    plots: [...document.querySelectorAll('svg polyline')].filter((line) => line.getTotalLength() > 50).length,
    clip: getComputedStyle(over).clipPath,
    over: over.getBoundingClientRect().left === over.previousElementSibling.getBoundingClientRect().left,
    wide: document.documentElement.scrollWidth <= innerWidth,
    fetched: performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith('data:')).length,
  });
});
</script>"""


@pytest.fixture(scope="module")
def report(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make([delivery_of(finished, finished)]).write(tmp_path_factory.mktemp("report") / "change")[0]


def test_it_tells_everything_that_archives_ask_for(report: Path) -> None:
    page, facts = report.read_text(encoding="utf-8"), json.loads(report.with_suffix(".json").read_text())
    said = facts["done"]
    assert all(said[name] for name in ("recipe", "nodes", "made by", "made on", "written", "vfxai", "analysis"))
    assert all(model["licence"] and len(model["sha256"]) == 64 and model["trained on"] for model in facts["models"])
    (change,) = facts["change"]
    assert set(change["total"]) >= {"changed", "touched", "shift", "invented", "alpha", "flicker", "nonfinite"}
    for grain in change["grain"].values():
        assert set(grain["spectrum"]) == {"dark", "middle", "bright"} and -1 <= grain["frozen"] <= 1
    assert {c["id"]: c["state"] for c in facts["checks"]}["untouched"] == "ok"
    assert len(facts["files"]) == 4
    for heading in (
        "What was done",
        "Models",
        "Checks",
        "How much",
        "Plots",
        "Frame 1001",
        "grain in dark parts",
        "noise of the plate in % of white, by level",
        "noise by size",
        "flicker added",
    ):
        assert heading in page
    assert not re.search(r"(src|href)=.(https?:)?//", page), "nothing is fetched"


@pytest.mark.skipif(BROWSER is None, reason="no chromium on PATH")
def test_a_browser_draws_every_picture_and_the_slider_wipes(report: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked.html"
    asked.write_text(report.read_text(encoding="utf-8").replace("</body>", f"{ASK}</body>"), encoding="utf-8")
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1200,900",
        "--virtual-time-budget=10000", "--dump-dom", asked.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True)
    found = re.search(r'data-seen="([^"]+)"', done.stdout)
    assert found, done.stdout[-500:] + done.stderr[-1000:]
    seen = json.loads(found[1].replace("&quot;", '"'))
    assert seen["images"] == 4 * 3 and seen["drawn"] == seen["images"]
    assert seen["plots"] >= 9 and seen["over"] and seen["wide"] and seen["fetched"] == 0
    assert seen["clip"] == "inset(0px 0px 0px 80%)"
