"""A signature over a change report, which names the hash of every frame: minisign's, by the library py-minisign.

Source: minisign's file format (jedisct1/minisign); Ed25519 signatures that the programs minisign and rsign check as well.
"""

import json
from pathlib import Path
from typing import Any

from vfxai.errors import InputError, OutputError, ParameterError, UsageError
from vfxai.publish.report import file_hash

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
            f"{key} does not sign: {error}", remedy="give a secret key of `minisign -G`, and its password in $VFXAI_SIGN_PASSWORD"
        ) from error
    path = report.with_name(report.name + SUFFIX)
    try:
        path.write_bytes(bytes(signature))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error}", remedy="choose another folder") from error
    return path


def verify(report: Path, key: Path) -> int:
    """How many files a signed report names, all of which are as they were; they lie beside it.

    InputError where the signature is not of this key and report, or a file is missing or another.
    """
    minisign = _library()
    path = report.with_name(report.name + SUFFIX)
    try:
        signature = minisign.Signature.from_file(path)
        minisign.PublicKey.from_file(key).verify(report.read_bytes(), signature)
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    except (OSError, minisign.Error, ValueError, KeyError) as error:
        raise InputError(f"{report} is not signed by {key}: {error}", remedy="ask for the signed report again") from error
    for name, digest in files.items():
        file = report.parent / name
        if not file.is_file():
            raise InputError(f"{file}, which the report names, is not there", remedy="verify beside the frames")
        if file_hash(file) != digest:
            raise InputError(f"{file} is not the file that was signed", remedy="ask for the frame again")
    return len(files)
