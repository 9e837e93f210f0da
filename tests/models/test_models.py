import platform
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vfxai.cli.main import main
from vfxai.errors import DeviceError, MemoryShortError, ModelDamagedError, ModelLicenseError, ModelMissingError, ParameterError
from vfxai.models import pool as pools
from vfxai.models.backends import is_out_of_memory, multiplies_bf16
from vfxai.models.export import export_model
from vfxai.models.manifest import Manifest, Network, Source, read_manifest, write_manifest
from vfxai.models.pool import Pool
from vfxai.models.store import Store
from vfxai.models.tiles import padded, run_tiled
from vfxai.nets.unet import UNet
from vfxai.removal.filling import AlignedNeighbour, fill_planes
from vfxai.train.shipped import SHIPPED

TILE = 64
ARGUMENTS = {"planes": 6, "channels_out": 3, "widths": [8, 12], "blocks": [1, 1]}
PAPERS = Manifest(
    id="small", version="1", node="denoise", task="test", licence="Apache-2.0", commercial=True, input_channels=6, output_channels=3,
    encoding="any", scale=1, multiple=4, receptive_field=24, window=1, precisions=("fp32", "bf16"), trained_with="nothing",
    network=Network("unet", ARGUMENTS), sources=(Source("none", "none"),), files=(), quality=(),
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    export_model(folder / "small", UNet(**ARGUMENTS), PAPERS)
    return folder


def test_a_manifest_comes_back_as_it_was_written(root: Path, tmp_path: Path) -> None:
    manifest = read_manifest(root / "small/manifest.toml")
    assert [f.name for f in manifest.files] == ["weights.onnx", "weights.safetensors"]
    write_manifest(tmp_path / "manifest.toml", manifest)
    assert read_manifest(tmp_path / "manifest.toml") == manifest


def test_everything_wrong_with_a_manifest_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text('id = 3\nwhat = "?"\n')
    with pytest.raises(ModelDamagedError) as caught:
        read_manifest(tmp_path / "manifest.toml")
    for problem in ("'what'", "'licence' is missing", "id should be str"):
        assert problem in caught.value.message


def test_a_pickle_is_refused_unread(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "small", tmp_path / "small")
    papers = tmp_path / "small/manifest.toml"
    papers.write_text(papers.read_text().replace("weights.safetensors", "weights.pt"))
    (tmp_path / "small/weights.safetensors").rename(tmp_path / "small/weights.pt")
    with pytest.raises(ModelDamagedError, match=r"files\[1\]: weights\.pt is no file that holds numbers only"):
        Store([tmp_path]).verify("small")


def test_a_changed_file_is_found(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "small", tmp_path / "small")
    assert Store([tmp_path]).verify("small").id == "small"
    data = bytearray((tmp_path / "small/weights.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "small/weights.safetensors").write_bytes(bytes(data))
    with pytest.raises(ModelDamagedError, match="sha256"):
        Store([tmp_path]).verify("small")
    (tmp_path / "small/weights.safetensors").unlink()
    with pytest.raises(ModelDamagedError, match="missing"):
        Store([tmp_path]).verify("small")


def test_all_models_are_verified_past_a_damaged_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("aaa", "small"):
        shutil.copytree(root / "small", tmp_path / name)
    (tmp_path / "aaa/manifest.toml").write_text("precisions = 5\n")
    monkeypatch.setenv("VFXAI_MODELS", str(tmp_path))
    assert main(["models", "verify"]) == 4
    said = capsys.readouterr()
    assert "small" in said.out
    assert "precisions: expected a list" in said.err


def test_a_missing_model_names_those_there_are(root: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        Store([root]).manifest("large")
    assert "small" in caught.value.remedy


def test_a_licence_that_forbids_paid_work_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    write_manifest(tmp_path / "small/manifest.toml", replace(PAPERS, commercial=False, licence="CC-BY-NC-4.0"))
    Store([tmp_path]).require_license("small", commercial=False)
    with pytest.raises(ModelLicenseError, match="CC-BY-NC"):
        Store([tmp_path]).require_license("small", commercial=True)


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "PolyForm-Noncommercial-1.0.0", "research only"])
def test_a_manifest_cannot_allow_what_its_licence_forbids(licence: str) -> None:
    assert not replace(PAPERS, commercial=True, licence=licence).allows_paid_work
    assert replace(PAPERS, commercial=True, licence="CNRI-Python").allows_paid_work


def test_only_models_for_paid_work_run_where_these_are_wanted(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "small", tmp_path / "small")
    write_manifest(tmp_path / "small/manifest.toml", replace(read_manifest(root / "small/manifest.toml"), commercial=False))
    planes = torch.rand(6, 8, 8)
    monkeypatch.setenv("VFXAI_LICENSE", "commercial")
    with pytest.raises(ModelLicenseError, match="does not allow paid work"):
        Pool(Store([tmp_path]), device="cpu").run("small", planes)
    Pool(Store([root]), device="cpu").run("small", planes)
    Pool(Store([tmp_path]), device="cpu", license="any").run("small", planes)
    monkeypatch.setenv("VFXAI_LICENSE", "sometimes")
    with pytest.raises(ParameterError, match=r"\$VFXAI_LICENSE: expected any or commercial, got 'sometimes'"):
        Pool(Store([tmp_path]))


def test_torch_equals_onnx(root: Path) -> None:
    planes = torch.rand(6, 37, 51)
    results = [Pool(Store([root]), device="cpu", backend=b, precision="fp32").run("small", planes) for b in ("torch", "onnx")]
    assert results[0].shape == (3, 37, 51)
    assert (results[0] - results[1]).abs().max() < 1e-4


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(4, 40))
def test_tiles_equal_the_whole(height: int, width: int, tile: int) -> None:
    planes = torch.rand(2, height, width, generator=torch.Generator().manual_seed(height * 100 + width))

    def blur(x: torch.Tensor) -> torch.Tensor:  # a network that sees five pixels to each side
        return torch.nn.functional.avg_pool2d(x, 11, 1, 5)

    whole = run_tiled(planes, blur, 4096, 5, 4, 2)
    assert whole.shape == planes.shape
    # at the right and lower end a network sees its own zero padding beyond the reflection, in tiles as in the whole
    assert (run_tiled(planes, blur, tile, 5, 4, 2) - whole).abs().max() < 1e-5


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 4, 16]))
def test_padding_reaches_the_multiple_and_keeps_the_picture(height: int, width: int, multiple: int) -> None:
    planes = torch.arange(height * width, dtype=torch.float32).reshape(1, height, width)
    result = padded(planes, multiple)
    assert all(extent % multiple == 0 for extent in result.shape[1:])
    assert torch.equal(result[:, :height, :width], planes)


def test_one_session_however_many_threads_ask(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = pools.TorchNetwork
    monkeypatch.setattr(pools, "TorchNetwork", lambda *a: made.append(a) or real(*a))
    pool = Pool(Store([root]), device="cpu", backend="torch")
    threads = [threading.Thread(target=lambda: pool.run("small", torch.rand(6, 8, 8))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_tile_that_runs_out_of_memory_is_halved_and_the_run_goes_on(root: Path) -> None:
    warnings: list[str] = []
    pool = Pool(Store([root]), device="cpu", backend="torch", precision="fp32", warn=warnings.append)
    planes = torch.rand(6, 300, 420)
    whole = pool.run("small", planes)
    manifest, network = pool.network("small")

    class Small:
        def run(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape[-1] * x.shape[-2] > 220 * 220:
                raise MemoryError("out of memory")
            return network.run(x)

    pool._networks[next(iter(pool._networks))] = (manifest, Small())
    assert (pool.run("small", planes) - whole).abs().max() < 1e-3
    assert "memory ran out" in warnings[0]


def test_memory_that_never_suffices_is_an_error(root: Path) -> None:
    pool = Pool(Store([root]), device="cpu", backend="torch")
    manifest, _ = pool.network("small")

    class Never:
        def run(self, x: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    pool._networks[next(iter(pool._networks))] = (manifest, Never())
    with pytest.raises(MemoryShortError):
        pool.run("small", torch.rand(6, 64, 64))
    assert not is_out_of_memory(RuntimeError("shapes do not fit"))


@pytest.mark.parametrize(
    ("free", "width", "height", "pieces"),
    [
        (20e9, 2048, 1080, 1),  # 2K in one piece where memory allows
        (20e9, 2048, 1600, 4),  # beyond WHOLE: tiles of 1024 and their surroundings
        (6e9, 2048, 1080, 2),
    ],
)
def test_2k_is_run_in_one_piece_where_memory_allows(
    free: float, width: int, height: int, pieces: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "free_memory", lambda device: free)
    pool = Pool(Store([root]), device="cpu", backend="torch", precision="fp32")
    manifest, _ = pool.network("small")
    seen: list[torch.Size] = []

    class Watched:
        def run(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x.shape)
            return x[:, :3]

    pool._networks[next(iter(pool._networks))] = (manifest, Watched())
    pool.run("small", torch.zeros(6, height, width))
    assert len(seen) == pieces


@pytest.mark.skipif(not sys.platform.startswith("linux") or platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_memory_of_a_layer_is_used_again_by_the_next() -> None:
    code = (
        "import resource, torch\n"
        "from vfxai.models.backends import keep_freed_memory\n"
        "keep_freed_memory()\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    torch.ones(2**23)\n"  # 32 MiB, 8,192 pages
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "print(*[faults() for _ in range(40)])\n"
    )
    faults = [int(n) for n in subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split()]
    assert sum(n > 200 for n in faults) < 20 and max(faults[-10:]) < 200  # aligned pieces do not fit exactly at first


@pytest.mark.parametrize(("unit", "expected"), [("amx_bf16", True), ("avx512_bf16", True), ("avx512_vnni", False)])
def test_processors_that_multiply_bf16_are_told(unit: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: {"architecture": "x86_64", unit: True})
    assert multiplies_bf16() is expected


def test_what_is_not_there_or_not_safe_is_refused(root: Path) -> None:
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="no cuda"):
            Pool(Store([root]), device="cuda")
    with pytest.raises(ParameterError, match="device"):
        Pool(Store([root]), device="tpu")
    with pytest.raises(ParameterError, match="not known to be safe in fp16"):
        Pool(Store([root]), device="cpu", precision="fp16").run("small", torch.rand(6, 8, 8))
    with pytest.raises(ParameterError, match="tile"):
        Pool(Store([root]), tile="7")


def test_bf16_is_near_fp32(root: Path) -> None:
    planes = torch.rand(6, 32, 32)
    exact = Pool(Store([root]), device="cpu", precision="fp32").run("small", planes)
    assert (Pool(Store([root]), device="cpu", precision="bf16").run("small", planes) - exact).abs().max() < 0.05


def test_shipped_models_are_what_their_manifests_say_and_their_receptive_field_suffices() -> None:
    store = Store()
    assert set(store.ids()) == set(SHIPPED)
    for model_id in store.ids():
        manifest = store.verify(model_id)
        assert all(f.size < 16_000_000 for f in manifest.files)
        assert manifest.receptive_field == SHIPPED[model_id].receptive_field
        assert "held-out.jpg" in (store.folder(model_id) / "card.md").read_text()
        assert (store.folder(model_id) / "held-out.jpg").is_file()
        torch.manual_seed(0)
        side = TILE + 2 * manifest.receptive_field  # and some more, so that no tile sees the whole
        planes = torch.rand(manifest.input_channels, side + 16, side + 64)
        if model_id.startswith("denoise"):
            planes[3:] = 0.02 if "fine" in model_id else 0.1  # the noise level
        if model_id == "impulse-s":
            planes[6:] = 1  # near enough everywhere
        if model_id == "remove-s":
            seen = AlignedNeighbour(planes[4:7], (planes[7:8] > 0.5).float(), planes[8:9] / 100)
            planes = fill_planes(planes[:3], (planes[3:4] > 0.97).float(), [seen])
        whole, tiles = (Pool(store, device="cpu", precision="fp32", tile=tile).run(model_id, planes) for tile in ("auto", TILE))
        assert (whole - tiles)[:3].abs().max() < 1e-3, model_id


@pytest.mark.parametrize(
    ("asked", "has_unit", "precisions", "expected"),
    [
        ({}, False, ("fp32", "bf16"), ("onnx", "fp32")),
        ({}, True, ("fp32", "bf16"), ("torch", "bf16")),
        ({}, True, ("fp32",), ("onnx", "fp32")),
        ({"backend": "onnx"}, True, ("fp32", "bf16"), ("onnx", "fp32")),
        ({"backend": "torch"}, False, ("fp32", "bf16"), ("torch", "fp32")),
        ({"precision": "fp32"}, True, ("fp32", "bf16"), ("onnx", "fp32")),
        ({"precision": "bf16"}, False, ("fp32", "bf16"), ("torch", "bf16")),
    ],
)
def test_auto_takes_the_fastest_that_is_safe(
    asked: dict[str, str],
    has_unit: bool,
    precisions: tuple[str, ...],
    expected: tuple[str, str],
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vfxai.models.pool.multiplies_bf16", lambda: has_unit)
    assert Pool(Store([root]), device="cpu", **asked).choice(replace(PAPERS, precisions=precisions)) == expected


def test_pools_that_share_have_one_copy_of_a_network(root: Path) -> None:
    pool = Pool(Store([root]), device="cpu", backend="torch", precision="fp32")
    other = pool.sharing(device="cpu", backend="torch", precision="fp32", tile="64")
    assert other.tile != pool.tile
    assert pool.network("small")[1] is other.network("small")[1]
    assert other.loaded() == pool.loaded() == [{"id": "small", "device": "cpu", "backend": "torch", "precision": "fp32"}]


@pytest.mark.parametrize("name", ["../other/weights.safetensors", "/etc/weights.safetensors", "sub/weights.safetensors"])
def test_a_manifest_names_no_file_outside_its_folder(name: str, root: Path, tmp_path: Path) -> None:
    papers = read_manifest(root / "small/manifest.toml")
    write_manifest(tmp_path / "manifest.toml", replace(papers, files=(replace(papers.files[0], name=name), *papers.files[1:])))
    with pytest.raises(ModelDamagedError, match="does not lie in the model's own folder"):
        read_manifest(tmp_path / "manifest.toml")
