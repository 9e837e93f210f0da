"""Where things lie in an EXR file, read from its bytes without the library (openexr.com, "OpenEXR File Layout").

OpenEXR's module takes text for UTF-8, adds a `type` attribute to files of one part, and trusts channel names. What it cannot say or keep is
found here, before it opens a file, and put right after it wrote one.
"""

import struct
from dataclasses import dataclass

from vfxai.errors import UnreadableInputError, UnsupportedInputError

MAGIC = b"\x76\x2f\x31\x01"
MULTIPART = 0x1000
"""Flag in the version field: the file has several parts, and a header for each."""
LONGEST_NAME = 255
"""Bytes of a name; what is longer is no EXR."""
SAMPLE = {0: 4, 1: 2, 2: 4}
"""Bytes of a sample by the number of its type: whole number, half, float."""
LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}
"""Lines of a chunk by the number of the compression; newer ones have up to 256."""
MOST_LINES = 256
"""Of a chunk of any compression (DWAB): what one that LINES does not know is taken to have."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a header."""

    name: bytes
    type: bytes
    start: int
    """Where its name begins in the file."""
    value: int
    """Where its value begins."""
    size: int
    """Bytes of the value."""

    @property
    def end(self) -> int:
        """Behind its last byte."""
        return self.value + self.size


@dataclass(frozen=True)
class Channel:
    """A channel as a header names it."""

    name: bytes
    bytes: int
    """Of a sample."""
    sampling: tuple[int, int]


@dataclass(frozen=True)
class Part:
    """A header."""

    attributes: dict[bytes, Attribute]
    channels: tuple[Channel, ...]
    window: tuple[int, int]
    """Width and height of the data window."""
    compression: int
    """Its number."""
    chunks: int
    """The least number of pieces that its pixels are stored in."""


@dataclass(frozen=True)
class Layout:
    """The headers of a file."""

    parts: tuple[Part, ...]
    end: int
    """Behind the last header, where the tables of chunks begin."""

    @property
    def pixel_bytes(self) -> int:
        """Memory of all samples as they are stored."""
        return sum(p.window[0] * p.window[1] * sum(c.bytes for c in p.channels) for p in self.parts)

    @property
    def least_size(self) -> int:
        """Bytes that a whole file cannot be smaller than: each chunk has a place in the table and a head of its own."""
        return self.end + 16 * sum(p.chunks for p in self.parts)


def layout_of(data: bytes, what: str) -> Layout:
    """The headers in a file's bytes (or a map of them). UnreadableInputError, naming `what`, where they make no sense."""
    try:
        if data[:4] != MAGIC:
            raise ValueError("it does not begin as one")
        (version,) = struct.unpack_from("<I", data, 4)
        parts, at = [], 8
        while True:
            attributes, at = _header(data, at)
            if not attributes:
                break
            parts.append(_part(data, attributes))
            if not version & MULTIPART:
                break
        if not parts:
            raise ValueError("it has no part")
        return Layout(tuple(parts), at)
    except (ValueError, struct.error, KeyError, IndexError) as error:
        reason = f"its header has no {error.args[0].decode()}" if isinstance(error, KeyError) else str(error)
        raise UnreadableInputError(f"{what} is damaged or no EXR: {reason}", remedy="render or copy this frame again") from error


def check_names(layout: Layout, what: str) -> None:
    """Errors where channel names are no text or are there twice, which OpenEXR's module does not survive in all its ways of reading."""
    for part in layout.parts:
        names = [c.name for c in part.channels]
        for name in names:
            if not name or not _is_text(name):
                raise UnsupportedInputError(
                    f"{what} has a channel whose name is no text: {ascii(name)[2:-1]!r}",
                    remedy="rename the channel where it is rendered, or copy the frame again if it is damaged",
                )
        twice = sorted({n.decode() for n in names if names.count(n) > 1})
        if twice:
            raise UnreadableInputError(
                f"{what} has channels of one name: {', '.join(twice[:8])}", remedy="the file is damaged; render it again"
            )


def foreign_text(layout: Layout, data: bytes) -> dict[tuple[int, str], bytes]:
    """The values that are text but no UTF-8, byte by byte, by part and attribute. UnsupportedInputError where a name is so."""
    found = {}
    for index, part in enumerate(layout.parts):
        for attribute in part.attributes.values():
            value = bytes(data[attribute.value : attribute.end])
            if attribute.type in (b"string", b"stringvector") and not _is_text(value, counts=attribute.type == b"stringvector"):
                found[index, attribute.name.decode("ascii", "replace")] = value
    return found


def as_text(data: bytes, layout: Layout, foreign: dict[tuple[int, str], bytes]) -> bytearray:
    """The file with every foreign byte replaced by "?", which OpenEXR's module reads; each value keeps its length."""
    made = bytearray(data)
    for (index, name), value in foreign.items():
        at = layout.parts[index].attributes[name.encode()]
        made[at.value : at.end] = plain(value, at.type)
    return made


def plain(value: bytes, kind: bytes) -> bytes:
    """A value with "?" in the place of each byte that is no ASCII, but for the lengths within a list of strings."""
    if kind == b"string":
        return bytes(b if b < 128 else 63 for b in value)
    made, at = bytearray(value), 0
    while at + 4 <= len(value):
        (count,) = struct.unpack_from("<i", value, at)
        at += 4
        made[at : at + count] = bytes(b if b < 128 else 63 for b in value[at : at + count])
        at += max(count, 0)
    return bytes(made)


def with_foreign_text(data: bytearray, foreign: dict[tuple[int, str], bytes], what: str) -> None:
    """Puts the bytes back into a file that was written with as_text()'s in their place."""
    layout = layout_of(bytes(data[: _header_bound(data)]), what)
    for (index, name), value in foreign.items():
        at = layout.parts[index].attributes.get(name.encode()) if index < len(layout.parts) else None
        if at is not None and at.size == len(value):
            data[at.value : at.end] = value


def without_type(data: bytearray, what: str) -> bytearray:
    """A file of one part without its `type` attribute, which such a file need not have; its table of chunks follows."""
    layout = layout_of(bytes(data[: _header_bound(data)]), what)
    at = layout.parts[0].attributes.get(b"type")
    if at is None or len(layout.parts) > 1:
        return data
    gone = at.end - at.start
    first = len(data)
    table = layout.end
    while table < first:
        (offset,) = struct.unpack_from("<Q", data, table)
        first = min(first, offset)
        struct.pack_into("<Q", data, table, offset - gone)
        table += 8
    del data[at.start : at.end]
    return data


def _header_bound(data: bytearray) -> int:
    """As many bytes as headers may take; they hold previews and manifests, so all of a small file."""
    return min(len(data), 2**26)


def _header(data: bytes, at: int) -> tuple[dict[bytes, Attribute], int]:
    """Attributes by name of the header at a place, and where the next begins."""
    found: dict[bytes, Attribute] = {}
    while True:
        start = at
        name, at = _name(data, at)
        if not name:
            return found, at
        kind, at = _name(data, at)
        (size,) = struct.unpack_from("<i", data, at)
        at += 4
        if size < 0 or at + size > len(data):
            raise ValueError(f"the attribute {ascii(name)[2:-1]} is longer than the file")
        found[name] = Attribute(name, kind, start, at, size)
        at += size


def _name(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\0", at, at + LONGEST_NAME + 1)
    if end < 0:
        raise ValueError("its header breaks off")
    return bytes(data[at:end]), end + 1


def _part(data: bytes, attributes: dict[bytes, Attribute]) -> Part:
    channels = tuple(_channels(data, attributes[b"channels"]))
    x0, y0, x1, y1 = struct.unpack_from("<4i", data, attributes[b"dataWindow"].value)
    if x1 < x0 or y1 < y0:
        raise ValueError("its data window is empty")
    width, height = x1 - x0 + 1, y1 - y0 + 1
    compression = data[attributes[b"compression"].value]
    if b"tiles" in attributes:
        across, down = struct.unpack_from("<2I", data, attributes[b"tiles"].value)
        if not across or not down:
            raise ValueError("its tiles are empty")
        chunks = -(-width // across) * -(-height // down)
    else:
        lines = LINES.get(compression, MOST_LINES)
        chunks = -(-height // lines)
    return Part(attributes, channels, (width, height), compression, chunks)


def _channels(data: bytes, attribute: Attribute) -> list[Channel]:
    found, at = [], attribute.value
    while at < attribute.end:
        name, at = _name(data, at)
        if not name and at >= attribute.end:
            break
        kind, _, across, down = struct.unpack_from("<iIii", data, at)
        if kind not in SAMPLE or across < 1 or down < 1:
            raise ValueError(f"the channel {ascii(name)[2:-1]} is of no known type")
        found.append(Channel(name, SAMPLE[kind], (across, down)))
        at += 16
    return found


def _is_text(value: bytes, counts: bool = False) -> bool:
    """Whether bytes are UTF-8; with `counts`, of a list of strings, whose lengths are not looked at."""
    if counts:
        at = 0
        while at + 4 <= len(value):
            (count,) = struct.unpack_from("<i", value, at)
            if not _is_text(value[at + 4 : at + 4 + count]):
                return False
            at += 4 + max(count, 0)
        return True
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
