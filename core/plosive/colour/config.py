# SPDX-License-Identifier: Apache-2.0
"""Colour spaces of an OCIO config, through OpenImageIO: names, file rules, and what their samples mean."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.colour.coding import Coded, Curved, Processed, SampleCoding, SceneLinear
from plosive.colour.transfer import Transfer
from plosive.errors import OptionError

__all__ = ["BUILT_IN", "ColourConfig", "Space"]

BUILT_IN = "ocio://studio-config-latest"
"""OpenImageIO's ACES config with the cameras' spaces."""

Floats = NDArray[np.float32]

_LINEAR_REC709 = (
    "lin_rec709_scene",
    "lin_rec709",
    "lin_srgb",
    "Linear Rec.709 (sRGB)",
    "Utility - Linear - Rec.709",
)
_INTERCHANGE_TO_REC709 = np.array(  # ACES2065-1 to linear Rec.709, Bradford (TB-2014-004 primaries)
    [[2.52168619, -1.13413099, -0.38755520], [-0.27647991, 1.37271909, -0.09623917],
     [-0.01537806, -0.15297534, 1.16835340]]
)  # fmt: skip
_LOWEST, _HIGHEST, _SAMPLES = -0.25, 1.5, 7 * (1 << 13) + 1
_ZERO, _ONE = (1 << 13), 5 * (1 << 13)  # where in the samples 0 and 1 are
_FAR = 50.0
_CORNERS = 0.2, 0.8
_MOST_LIGHT = 1e6
_CLOSE = 2e-3
_DISPLAY_CLOSE = 0.02
_DISPLAYS, _HDR = (Transfer.SRGB, Transfer.BT1886), (Transfer.PQ, Transfer.HLG)


@dataclass(frozen=True)
class Space:
    """A colour space: `name` in its config, what its samples mean, and the matrix (3, 3) from its light to
    linear Rec.709, None where the config has no way there.
    """

    name: str
    coding: SampleCoding
    to_rec709: NDArray[np.float64] | None


class ColourConfig:
    """An OCIO config: a file, an `ocio://` name, or the built-in one. Raises OptionError for a broken one."""

    def __init__(self, wanted: str = BUILT_IN) -> None:
        import OpenImageIO as oiio

        self.path = wanted
        if not wanted.startswith("ocio://") and not Path(wanted).is_file():
            raise OptionError(f"The OCIO config {wanted} does not exist; check --ocio or OCIO.")
        self._config = oiio.ColorConfig(wanted)
        reason = self._config.geterror()
        if reason:
            short = " ".join(str(reason).split())[:200]
            raise OptionError(f"The OCIO config {wanted} cannot be read ({short}); check --ocio or OCIO.")

    @property
    def label(self) -> str:
        """How a sentence calls it."""
        return "OpenImageIO's built-in ACES config" if self.path == BUILT_IN else self.path

    @property
    def names(self) -> tuple[str, ...]:
        """Every colour space, in the config's order."""
        return tuple(self._config.getColorSpaceNames())

    @property
    def roles(self) -> dict[str, str]:
        """The colour space of each role."""
        return {role: self._config.getColorSpaceNameByRole(role) for role in self._config.getRoles()}

    def aliases(self, name: str) -> tuple[str, ...]:
        return tuple(self._config.getAliases(name))

    def find(self, wanted: str) -> str:
        """The colour space of that name, alias or role; letter case does not matter. Raises OptionError with
        the names nearest to it.
        """
        known = self._spoken()
        found = known.get(wanted.strip().casefold())
        if found is None:
            near = _near(wanted.strip().casefold(), known)
            hint = f"did you mean {' or '.join(repr(name) for name in near)}? " if near else ""
            raise OptionError(
                f"{self.label} has no colour space {wanted!r}; {hint}'plosive colorspaces' lists them all."
            )
        return found

    def of_file(self, path: Path) -> str | None:
        """The colour space that a file rule of the config, other than its default one, gives a file."""
        ours = self._config.getColorSpaceFromFilepath(str(path))
        default = self._config.getColorSpaceFromFilepath("/no-such-folder/no-such-name.none")
        return ours if ours and ours != default and self._config.getColorSpaceIndex(ours) >= 0 else None

    @property
    def scene_linear(self) -> str | None:
        """The space of the role scene_linear, else of the interchange role."""
        roles = self.roles
        return roles.get("scene_linear") or roles.get("aces_interchange")

    def space(self, name: str) -> Space:
        """What samples of a colour space (a name of the config) mean. Raises OptionError where they are data,
        or no light can be had from them.
        """
        if name == self.roles.get("data"):
            raise OptionError(f"{name!r} is for data, not for colour; name the space the plate is in.")
        if self.scene_linear is None:
            raise OptionError(f"{self.label} has no role scene_linear; add it, or give another --ocio.")
        to_rec709, probes = self._to_rec709(), _probes()
        found = _converted(self.path, name, self.scene_linear, probes.astype(np.float32)).astype(np.float64)
        light = np.nan_to_num(found, posinf=_MOST_LIGHT, neginf=-_MOST_LIGHT)
        gray, curve = probes[:_SAMPLES, 0], light[:_SAMPLES].mean(axis=1)
        far = light[_SAMPLES]
        is_linear = np.allclose(curve, gray, atol=1e-4) and np.allclose(far, _FAR, rtol=1e-4)
        if is_linear:
            curve = gray
        matrix = _matrix(curve, probes[_SAMPLES + 1 :], light[_SAMPLES + 1 :])
        if matrix is None:
            return Space(name, Processed(_OiioProcessor(self.path, name, self.scene_linear)), to_rec709)
        coding = SceneLinear() if is_linear else _display(curve[_ZERO : _ONE + 1]) or _rising(gray, curve)
        if coding is None:
            raise OptionError(
                f"Light does not rise with samples of {name!r}; name the space the plate is in."
            )
        return Space(name, coding, None if to_rec709 is None else to_rec709 @ matrix)

    def _spoken(self) -> dict[str, str]:
        """Every name, alias and role in lower case, and its colour space."""
        known = {role.casefold(): name for role, name in self.roles.items()}
        for name in self.names:
            known |= {alias.casefold(): name for alias in self.aliases(name)}
        return known | {name.casefold(): name for name in self.names}

    def _to_rec709(self) -> NDArray[np.float64] | None:
        """From scene_linear to linear Rec.709: as the config says, else by way of the ACES interchange."""
        assert self.scene_linear is not None
        known, units = self._spoken(), np.eye(3, dtype=np.float32)
        for wanted in _LINEAR_REC709:
            if wanted.casefold() in known:
                there = known[wanted.casefold()]
                found = _converted(self.path, self.scene_linear, there, units)
                return np.asarray(found.T, np.float64)
        interchange = self.roles.get("aces_interchange")
        if interchange is None:
            return None
        aces = _converted(self.path, self.scene_linear, interchange, units)
        return np.asarray(_INTERCHANGE_TO_REC709 @ aces.T, np.float64)


@dataclass(frozen=True)
class _OiioProcessor:
    """A `Processor` that reads the config anew at each call: about 50 ms, for the few spaces that need it."""

    config: str
    name: str
    scene_linear: str

    def to_linear(self, stored: Floats) -> Floats:
        return _converted(self.config, self.name, self.scene_linear, stored)

    def from_linear(self, linear: Floats) -> Floats:
        return _converted(self.config, self.scene_linear, self.name, linear)


def _converted(config: str, source: str, target: str, pixels: Floats) -> Floats:
    import OpenImageIO as oiio

    flat = np.ascontiguousarray(pixels.reshape(1, -1, 3), dtype=np.float32)
    result = oiio.ImageBufAlgo.colorconvert(
        oiio.ImageBuf(flat), source, target, unpremult=False, colorconfig=config, nthreads=1
    )
    if result.has_error:
        reason = " ".join(str(result.geterror()).split())[:200]
        raise OptionError(f"The OCIO config {config} cannot turn {source!r} into {target!r} ({reason}).")
    return np.asarray(result.get_pixels(oiio.FLOAT), np.float32).reshape(pixels.shape)


def _probes() -> NDArray[np.float64]:
    """Samples (N, 3) that tell what a space is: grays, one far gray, four corners, and colours."""
    gray = np.linspace(_LOWEST, _HIGHEST, _SAMPLES)
    corners = np.full((4, 3), _CORNERS[0])
    corners[[1, 2, 3], [0, 1, 2]] = _CORNERS[1]
    colours = np.random.default_rng(0).uniform(0.0, 1.0, (256, 3))
    return np.concatenate([np.repeat(gray[:, None], 3, axis=1), np.full((1, 3), _FAR), corners, colours])


def _matrix(
    curve: NDArray[np.float64], probes: NDArray[np.float64], light: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """M (3, 3) where light = M @ curve(samples) for all colours; None where it is not so simple. `probes` and
    their `light` are the corners and colours of `_probes`.
    """
    gray = np.linspace(_LOWEST, _HIGHEST, _SAMPLES)
    low, high = np.interp(_CORNERS, gray, curve)
    if abs(high - low) < 1e-9:
        return None
    matrix = ((light[1:4] - light[0]) / (high - low)).T
    expected = np.interp(probes, gray, curve) @ matrix.T
    off = np.abs(expected - light) / (np.abs(expected).max(axis=1, keepdims=True) + 0.01)
    return np.asarray(matrix) if off.max() < _CLOSE else None


def _display(curve: NDArray[np.float64]) -> SampleCoding | None:
    """The display transfer that a curve over 0..1 is, or is nearest to; None for camera curves."""
    import torch

    from plosive.colour.transfer import to_linear

    samples = torch.linspace(0, 1, len(curve), dtype=torch.float64)
    light = {transfer: to_linear(samples, transfer).numpy() for transfer in _DISPLAYS + _HDR}
    if abs(curve[0]) < 1e-3 and abs(curve[-1] - 1) < _DISPLAY_CLOSE:
        return Coded(min(_DISPLAYS, key=lambda transfer: float(np.abs(curve - light[transfer]).max())))
    for transfer in _HDR if curve[-1] > 0 else ():
        scaled = light[transfer] * (curve[-1] / light[transfer][-1])
        bright = scaled > 1e-3 * scaled[-1]
        if np.abs(curve[bright] / scaled[bright] - 1).max() < _DISPLAY_CLOSE:
            return Coded(transfer)
    return None


def _rising(gray: NDArray[np.float64], curve: NDArray[np.float64]) -> SampleCoding | None:
    """The part of a curve around 0.5 that rises and stays in range, as a coding."""
    steps = np.diff(curve)
    usable = (steps > 1e-9) & (np.abs(curve[1:]) < _MOST_LIGHT)
    middle = int(np.searchsorted(gray, 0.5))
    if not usable[middle]:
        return None
    stops = np.flatnonzero(~usable)
    first = int(stops[stops < middle].max(initial=-1)) + 1
    end = int(stops[stops > middle].min(initial=len(usable)))
    return Curved(float(gray[first]), float(gray[end]), curve[first : end + 1])


def _near(wanted: str, known: dict[str, str]) -> list[str]:
    """Up to four colour spaces whose names look like `wanted`."""
    plain = {"".join(filter(str.isalnum, name)): space for name, space in known.items()}
    asked = "".join(filter(str.isalnum, wanted))
    inside = [space for name, space in plain.items() if asked and (asked in name)]
    alike = [plain[name] for name in difflib.get_close_matches(asked, plain, n=4, cutoff=0.6)]
    return list(dict.fromkeys([*inside, *alike]))[:4]
