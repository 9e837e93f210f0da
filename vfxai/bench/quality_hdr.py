"""Scene-linear photographs with highlights far above 1 and noise that grows with the light."""

from collections.abc import Sequence
from dataclasses import dataclass

from vfxai.bench import peers
from vfxai.bench.asked import Asked
from vfxai.bench.degrade import generator, sensor_noise
from vfxai.bench.methods import BEST, OURS, SECONDS, Method, Ours, Say, lead_over, measure
from vfxai.bench.pictures import Picture
from vfxai.bench.product import denoise_pictures
from vfxai.bench.table import Result
from vfxai.measure import metrics

PLATES = (
    "ScanLines/CandleGlass.exr",
    "ScanLines/Carrots.exr",
    "ScanLines/Desk.exr",
    "Tiles/GoldenGate.exr",
    "Chromaticities/Rec709.exr",
)
"""The photographs among the OpenEXR conformance files; the others are charts."""
CBM3D = "CBM3D stabilised, told the noise"


@dataclass(frozen=True)
class Sensor:
    """Noise of variance gain * max(x, 0) + floor in a scene-linear picture."""

    name: str
    gain: float
    floor: float


SENSORS = (Sensor("light", 0.0005, 1e-6), Sensor("heavy", 0.008, 3e-5))
"""At mid gray 0.18 noise of 5 % (light: a normal exposure) and of 21 % (heavy: four stops less light)."""
FLOORS = (
    "Floor: above CBM3D on the stabilised picture (on the plates of the floor 41.7 dB light and 34.7 heavy, "
    "where OIDN has 39.2 / 33.6)."
)


def run(
    plates: Sequence[Picture], *, ours: Ours, with_peers: Sequence[str], say: Say, sensors: Sequence[Sensor] = SENSORS
) -> Result:
    """Measures PSNR on log2(x + 2^-8), peak 16 stops; the peers are told the noise (OIDN needs none)."""
    rows = []
    for sensor in sensors:
        rows += measure(
            sensor.name,
            plates,
            lambda p, s=sensor: sensor_noise(p.pixels, s.gain, s.floor, generator("sensor", s.name, p.name)),
            _methods(ours, sensor, with_peers),
            {"PSNR log2 dB": metrics.hdr_psnr},
            say,
        )
    sensors_told = "; ".join(f"{s.name}: variance {s.gain:g} x + {s.floor:g}" for s in sensors)
    brightest = max((float(p.pixels.max()) for p in plates), default=0.0)
    notes = [
        f"{len(plates)} scene-linear photographs ({', '.join(p.name for p in plates)}), brightest value {brightest:.0f}. "
        f"{sensors_told}. PSNR on log2(x + 2^-8) with a peak of {metrics.HDR_PEAK:g} stops.",
        lead_over(rows, "PSNR log2 dB", CBM3D),
        FLOORS,
        peers.LICENSE_NOTES["bm3d"] if any("CBM3D" in r["method"] for r in rows) else "",
    ]
    columns = {"condition": 0, "method": 0, "PSNR log2 dB": 2, SECONDS: 2}
    return Result("hdr", "Scene-linear HDR plates", columns, rows, tuple(n for n in notes if n))


def _methods(ours: Ours, sensor: Sensor, with_peers: Sequence[str]) -> dict[str, Method]:
    methods: dict[str, Method] = {
        OURS: lambda noisy: ours([noisy], "scene-linear")[0],
        BEST: lambda noisy: ours([noisy], "scene-linear", quality="best")[0],
    }
    if "cbm3d" in with_peers and peers.available("bm3d"):
        methods[CBM3D] = lambda noisy: peers.cbm3d_stabilised(noisy, sensor.gain, sensor.floor)
    if "oidn" in with_peers and peers.available("pyoidn"):
        methods["OIDN high, hdr"] = peers.oidn
    return methods


def part(asked: Asked) -> Result:
    """The table of the command line."""
    return run(asked.plates(PLATES), ours=denoise_pictures, with_peers=asked.peers, say=asked.say)
