"""Signed reports: what is as it was signed passes, and everything else is told in an error of ours."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.publish.conftest import delivery_of
from vfxai.cli.main import main
from vfxai.errors import InputError, MissingInputError, ParameterError, UsageError, VfxaiError
from vfxai.publish import signature
from vfxai.publish.delivery import deliveries
from vfxai.publish.report import make

minisign = pytest.importorskip("minisign", reason="py-minisign comes with the extras sign and dev")


@dataclass(frozen=True)
class Signed:
    """A delivery with its signed report."""

    folder: Path
    public: Path

    @property
    def report(self) -> Path:
        return self.folder / "out/change_report.json"

    def verify(self) -> int:
        return signature.verify(deliveries(f"{self.folder}/out/sh.####.exr"), self.report, self.public)


def keys(folder: Path, name: str, password: str | None = None) -> tuple[Path, Path]:
    """A pair of files as `minisign -G` writes them: secret, public."""
    pair = minisign.KeyPair.generate()
    if password:
        pair.secret_key.encrypt(password)
    secret, public = folder / f"{name}.key", folder / f"{name}.pub"
    secret.write_bytes(bytes(pair.secret_key))
    public.write_bytes(bytes(pair.public_key))
    return secret, public


@pytest.fixture(scope="session")
def signed_once(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("signed") / "show"))
    secret, public = keys(folder, "studio")
    written = make([delivery_of(folder, finished)], checks=False).write(folder / "out/change_report")
    signature.sign(written[-1], secret)
    return Signed(folder, public)


@pytest.fixture
def signed(signed_once: Signed, tmp_path: Path) -> Signed:
    folder = Path(shutil.copytree(signed_once.folder, tmp_path / "copy"))
    return Signed(folder, folder / "studio.pub")


def test_what_is_as_it_was_signed_passes(signed: Signed) -> None:
    assert signed.verify() == 4


def change_a_frame(signed: Signed) -> None:
    path = signed.folder / "out/sh.1003.exr"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def change_the_report(signed: Signed) -> None:
    signed.report.write_text(signed.report.read_text().replace('"state": "ok"', '"state": "OK"') + " ")


def remove_a_frame(signed: Signed) -> None:
    (signed.folder / "out/sh.1002.exr").unlink()


def add_a_frame(signed: Signed) -> None:
    shutil.copy(signed.folder / "out/sh.1001.exr", signed.folder / "out/sh.1000.exr")


def remove_the_signature(signed: Signed) -> None:
    (signed.folder / "out/change_report.json.minisig").unlink()


def damage_the_signature(signed: Signed) -> None:
    (signed.folder / "out/change_report.json.minisig").write_text("untrusted comment: x\nnothing\n")


def give_another_key(signed: Signed) -> None:
    keys(signed.folder, "studio")


def lose_the_key(signed: Signed) -> None:
    signed.public.unlink()


def damage_the_key(signed: Signed) -> None:
    signed.public.write_text("no key\n")


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (change_a_frame, InputError, "sh.1003.exr is not the file that was signed"),
        (change_the_report, InputError, "change_report.json is not what"),
        (remove_a_frame, InputError, "sh.1002.exr, which the report names, is not there"),
        (add_a_frame, InputError, "sh.1000.exr is not named"),
        (remove_the_signature, MissingInputError, "change_report.json.minisig is not there"),
        (damage_the_signature, InputError, "change_report.json is not what"),
        (give_another_key, InputError, "change_report.json is not what"),
        (lose_the_key, ParameterError, "studio.pub is no public key"),
        (damage_the_key, ParameterError, "studio.pub is no public key"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_everything_else_is_told(signed: Signed, spoil: Callable[[Signed], None], kind: type[VfxaiError], says: str) -> None:
    spoil(signed)
    with pytest.raises(kind, match=says.replace(".", r"\.")) as caught:
        signed.verify()
    assert type(caught.value) is kind and caught.value.remedy


def test_a_secret_key_that_does_not_sign_is_told(signed: Signed, tmp_path: Path) -> None:
    locked, _ = keys(tmp_path, "locked", "a long password")
    for key, password in ((locked, "another"), (locked, ""), (tmp_path / "no.key", ""), (signed.public, "")):
        with pytest.raises(ParameterError, match="does not sign") as caught:
            signature.sign(signed.report, key, password)
        assert "VFXAI_SIGN_PASSWORD" in caught.value.remedy
    signature.sign(signed.report, locked, "a long password")


def test_without_the_library_it_is_named(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "minisign", None)
    with pytest.raises(UsageError, match="py-minisign"):
        signed.verify()


def test_the_commands_sign_and_verify(
    show: Path, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, public = keys(tmp_path, "studio", "open sesame")
    monkeypatch.setenv("VFXAI_SIGN_PASSWORD", "open sesame")
    out = f"{show}/out/sh.####.exr"
    assert main(["report", out, f"--map={finished}={show}", "--sign", str(secret)]) == 0
    assert main(["verify", out, "--key", str(public)]) == 0
    assert "4 frames are those that it names" in capsys.readouterr().out
    (show / "out/sh.1004.exr").unlink()
    assert main(["verify", out, "--key", str(public)]) == InputError.exit_code
    assert "sh.1004.exr" in capsys.readouterr().err
