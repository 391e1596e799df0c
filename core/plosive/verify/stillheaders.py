# SPDX-License-Identifier: Apache-2.0
"""Headers of DPX, TIFF and PNG files compared as they lie on disk."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from plosive.errors import MediaReadError
from plosive.verify.check import Status
from plosive.verify.findings import Finding
from plosive.verify.tiffdirectories import tiff_tags

__all__ = ["still_findings"]

_MOST_HEADER = 1 << 24
_DPX_FIELDS = (  # SMPTE 268M-2003: first byte, name
    (0, "magic number"), (4, "offset to image data"), (8, "version"), (16, "file size"),
    (20, "ditto key"), (24, "generic header length"), (28, "industry header length"),
    (32, "user data length"), (36, "file name"), (136, "creation date"), (160, "creator"),
    (260, "project"), (460, "copyright"), (660, "encryption key"), (664, "reserved"),
    (768, "orientation"), (770, "number of elements"), (772, "size and image elements"),
    (1408, "image orientation"), (1432, "source image file name"), (1532, "source date"),
    (1556, "input device"), (1588, "input device serial number"), (1620, "border"),
    (1628, "pixel aspect"), (1636, "scanned size"), (1664, "film manufacturer id"),
    (1666, "film type"), (1668, "perf offset"), (1670, "film prefix"), (1676, "film count"),
    (1680, "film format"), (1712, "frame position"), (1716, "sequence length"), (1720, "held count"),
    (1724, "film frame rate"), (1728, "shutter angle"), (1732, "frame identification"),
    (1764, "slate information"), (1864, "reserved"), (1920, "time code"), (1924, "user bits"),
    (1928, "interlace"), (1929, "field number"), (1930, "video signal"), (1932, "sampling rate"),
    (1940, "television frame rate"), (1944, "time offset"), (1948, "gamma"), (1952, "levels"),
    (1972, "reserved"), (2048, "user data"),
)  # fmt: skip
_TIFF_PLACES = frozenset({273, 279, 324, 325})  # strip and tile offsets and byte counts: where pixels lie
_TIFF_NAMES = {
    254: "NewSubfileType", 256: "ImageWidth", 257: "ImageLength", 258: "BitsPerSample", 259: "Compression",
    262: "PhotometricInterpretation", 270: "ImageDescription", 271: "Make", 272: "Model",
    274: "Orientation", 277: "SamplesPerPixel", 278: "RowsPerStrip", 282: "XResolution",
    283: "YResolution", 284: "PlanarConfiguration", 296: "ResolutionUnit", 305: "Software",
    306: "DateTime", 315: "Artist", 316: "HostComputer", 317: "Predictor", 320: "ColorMap",
    322: "TileWidth", 323: "TileLength", 338: "ExtraSamples", 339: "SampleFormat", 700: "XMP",
    33432: "Copyright", 33723: "IPTC", 34665: "Exif", 34675: "ICC profile", 34853: "GPS",
}  # fmt: skip


def still_findings(plate: Path, out: Path) -> list[Finding]:
    """What differs in the headers of two files whose bytes differ; nothing for formats not known here."""
    read = {".dpx": _dpx, ".tif": _tiff, ".tiff": _tiff, ".png": _png}.get(plate.suffix.lower())
    if read is None:
        return []
    try:
        return [read(plate, out)]
    except OSError as error:
        text = f"headers are not compared ({error.strerror or error})."
    except (MediaReadError, struct.error, ValueError) as error:
        text = f"headers are not compared: {error}"
    return [Finding("header", Status.SKIPPED, text)]


def _dpx(plate: Path, out: Path) -> Finding:
    ours, theirs = _dpx_header(plate), _dpx_header(out)
    if ours == theirs:
        return Finding("header", Status.PASS, "All headers are equal byte for byte.")
    if len(ours) != len(theirs):
        text = f"its header has {len(theirs)} bytes instead of {len(ours)}."
        return Finding("header", Status.FAIL, text)
    fields: list[str] = []
    for (start, name), (end, _) in zip(_DPX_FIELDS, (*_DPX_FIELDS[1:], (len(ours), "")), strict=True):
        if ours[start:end] != theirs[start:end]:
            fields.append(name)
    details = {"changed": fields}
    if fields == ["file name"]:
        return Finding("header", Status.INFO, "only the file name in its header differs.", details=details)
    return Finding("header", Status.FAIL, f"its header differs in {', '.join(fields)}.", details=details)


def _dpx_header(path: Path) -> bytes:
    """All before the picture (SMPTE 268M: the offset is at byte 4, in the byte order of the magic number)."""
    with path.open("rb") as file:
        start = file.read(8)
        order = {b"SDPX": ">", b"XPDS": "<"}.get(start[:4])
        if order is None or len(start) < 8:
            raise MediaReadError(f"{path.name} is no DPX file, whatever its name says.")
        (size,) = struct.unpack(order + "I", start[4:])
        if not 8 <= size <= min(_MOST_HEADER, path.stat().st_size):
            raise MediaReadError(f"{path.name} is damaged (its picture begins past its end).")
        return start + file.read(size - 8)


def _tiff(plate: Path, out: Path) -> Finding:
    ours, theirs = tiff_tags(plate), tiff_tags(out)
    places = {key for key in (*ours, *theirs) if key[1] in _TIFF_PLACES}
    lost = [_tag(key) for key in ours if key not in theirs and key not in places]
    new = [_tag(key) for key in theirs if key not in ours and key not in places]
    changed = [_tag(key) for key in ours if key in theirs and key not in places and ours[key] != theirs[key]]
    return _tags_finding("tags", lost, new, changed)


def _tag(key: tuple[str, int]) -> str:
    directory, number = key
    name = _TIFF_NAMES.get(number, f"tag {number}")
    return name if directory == "0" else f"{name} of directory {directory}"


def _png(plate: Path, out: Path) -> Finding:
    ours, theirs = list(_png_chunks(plate)), list(_png_chunks(out))
    if ours == theirs:
        return Finding("header", Status.PASS, "All chunks but the pixels are equal byte for byte.")
    kinds = dict.fromkeys(kind for kind, _ in (*ours, *theirs))
    lost: list[str] = []
    new: list[str] = []
    changed: list[str] = []
    for kind in kinds:
        mine, its = ([data for name, data in chunks if name == kind] for chunks in (ours, theirs))
        if mine != its:
            (new if not mine else lost if not its else changed).append(kind)
    if not (lost or new or changed):
        return Finding("header", Status.INFO, "its chunks are the plate's in another order.")
    return _tags_finding("chunks", lost, new, changed)


def _png_chunks(path: Path) -> Iterator[tuple[str, str]]:
    """(type, sha256) of every chunk but the pixels' (PNG specification, 5)."""
    left = path.stat().st_size - 8
    with path.open("rb") as file:
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            raise MediaReadError(f"{path.name} is no PNG file, whatever its name says.")
        while left >= 12:
            size, kind = struct.unpack(">I4s", file.read(8))
            left -= 12 + size
            if left < 0:
                raise MediaReadError(f"{path.name} is cut short or damaged.")
            if kind == b"IDAT":
                file.seek(size + 4, 1)
                continue
            data = file.read(size)
            if zlib.crc32(kind + data) != int.from_bytes(file.read(4), "big"):
                raise MediaReadError(f"{path.name} is damaged (checksum of {kind.decode('latin-1')}).")
            yield kind.decode("latin-1"), hashlib.sha256(data).hexdigest()
            if kind == b"IEND":
                return
    raise MediaReadError(f"{path.name} is cut short.")


def _tags_finding(what: str, lost: list[str], new: list[str], changed: list[str]) -> Finding:
    if not (lost or new or changed):
        return Finding("header", Status.PASS, f"All {what} are equal.")
    parts = [
        f"{said} {', '.join(names)}"
        for said, names in (("lost", lost), ("new", new), ("changed", changed))
        if names
    ]
    details = {"lost": lost, "new": new, "changed": changed}
    return Finding("header", Status.FAIL, f"its {what} differ: {'; '.join(parts)}.", details=details)
