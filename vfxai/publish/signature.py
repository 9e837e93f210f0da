"""A signature over a change report, which names the hash of every frame: minisign's, by the library py-minisign.

Source: minisign's file format (jedisct1/minisign); Ed25519 signatures that the programs minisign and rsign check as well.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vfxai.errors import InputError, MissingInputError, OutputError, ParameterError, UsageError, reason
from vfxai.image.partial import whole_file
from vfxai.publish.delivery import Delivery
from vfxai.publish.report import file_hash, folder_of

SUFFIX = ".minisig"


def _library() -> Any:
    """The library, which is optional."""
    try:
        import minisign
    except ImportError as error:
        raise UsageError("signing needs the library py-minisign", remedy="pip install 'vfxai[sign]'") from error
    return minisign


def sign(report: Path, key: Path, password: str = "") -> Path:
    """Signs a report's JSON file with a minisign secret key; the path of the signature beside it.

    ParameterError where the key cannot be read or needs another password, OutputError where the disk does not take the file.
    """
    minisign = _library()
    try:
        secret = minisign.SecretKey.from_file(key)
        if secret.is_encrypted():
            secret.decrypt(password)
        signature = secret.sign(report.read_bytes(), trusted_comment=f"change report {report.name}")
    except (OSError, minisign.Error, ValueError) as error:
        raise ParameterError(
            f"{key} does not sign: {reason(error)}",
            remedy="give a secret key of `minisign -G`, and its password in $VFXAI_SIGN_PASSWORD",
        ) from error
    path = report.with_name(report.name + SUFFIX)
    try:
        with whole_file(path) as partial:
            partial.write_bytes(bytes(signature))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason(error)}", remedy="choose another folder") from error
    return path


def verify(shot: Sequence[Delivery], report: Path, key: Path) -> int:
    """How many frames a signed report names, all of which are as they were, and are all that there are.

    ParameterError where the key is none, InputError where report and signature are not there or not of this key, or a frame is missing,
    another, or not named.
    """
    files, folder = _signed(report, key), folder_of(shot)
    for name, digest in files.items():
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}, which the report names, is not there", remedy="verify the whole delivery")
        if file_hash(folder / name) != digest:
            raise InputError(f"{folder / name} is not the file that was signed", remedy="ask for the frame again")
    for path in (view.output.path(n) for view in shot for n in view.present):
        if path.relative_to(folder).as_posix() not in files:
            raise InputError(f"{path} is not named by {report}", remedy="report and sign again, or remove what does not belong")
    return len(files)


def _signed(report: Path, key: Path) -> dict[str, str]:
    """The hashes that a report names, after its signature was found to be of this key."""
    minisign = _library()
    try:
        public = minisign.PublicKey.from_file(key)
    except (OSError, minisign.Error, ValueError) as error:
        raise ParameterError(
            f"{key} is no public key: {reason(error)}", remedy="give the .pub file that `minisign -G` wrote"
        ) from error
    path = report.with_name(report.name + SUFFIX)
    for file in (report, path):
        if not file.is_file():
            raise MissingInputError(
                f"{file} is not there", remedy="write it with `vfxai report OUT --sign KEY`, or name the report with --report"
            )
    try:
        public.verify(report.read_bytes(), minisign.Signature.from_file(path))
        return {str(name): str(digest) for name, digest in json.loads(report.read_text(encoding="utf-8"))["files"].items()}
    except (OSError, minisign.Error, ValueError, KeyError, AttributeError, TypeError) as error:
        raise InputError(
            f"{report} is not what {key} signed: {reason(error)}", remedy="ask for the signed report again"
        ) from error
