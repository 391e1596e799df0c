# SPDX-License-Identifier: Apache-2.0
"""Which view (left eye, right eye...) of a stereo image is the picture, and what it is made of.

Files of one part name their views in `multiView`, the hero first: its channels carry no prefix, those of
another view its name right before the last point (`left.R`, `forward.left.u`). In files of several parts each
part has a `view` ("Storing Multi-View Images in OpenEXR Files"; ImfMultiView.cpp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plosive.errors import MediaReadError

__all__ = ["PartChannels", "channels_of_view", "picture_channels", "view_names", "view_of"]


@dataclass(frozen=True)
class PartChannels:
    """Of one part the channels that may be the picture: their places in the file, and their names (without
    that of the view).
    """

    places: tuple[int, ...]
    names: tuple[str, ...]


def view_names(specs: Sequence[Any]) -> tuple[str, ...]:
    """The views of a file, the hero (or the first) in front; none where it names none. `specs` are
    OpenImageIO's, one a part.
    """
    found: list[str] = []
    for spec in specs:
        found += _multi_view(spec)
        found.append(str(spec.get_string_attribute("view")))
    return tuple(dict.fromkeys(name for name in found if name))


def channels_of_view(name: str, specs: Sequence[Any], view: str | None) -> list[PartChannels]:
    """For each part its channels of `view`; with None all of them, under their whole names.

    Raises MediaReadError where the file `name` has no such view.
    """
    if view is None:
        return [_chosen(spec, range(spec.nchannels), spec.channelnames) for spec in specs]
    views = view_names(specs)
    if view not in views:
        if not views:
            raise MediaReadError(f"{name} has no view {view}: it has one view only; leave out --view.")
        raise MediaReadError(f"{name} has no view {view}: its views are {_listed(views)}.")
    return [_of_view(spec, view, views) for spec in specs]


def picture_channels(
    name: str, parts: Sequence[PartChannels], is_multipart: bool
) -> tuple[int, tuple[int, ...]]:
    """(part, places of its channels) of the picture: the first part with R, G, B, else the first with
    luminance or any. Raises MediaReadError where there is nothing.
    """
    for number, part in enumerate(parts):
        names = [own.rsplit(".", 1)[-1].upper() if is_multipart else own.upper() for own in part.names]
        if all(colour in names for colour in "RGB"):
            return number, tuple(part.places[names.index(colour)] for colour in "RGB")
    for number, part in enumerate(parts):
        layers: dict[str, dict[str, int]] = {}
        for place, own in zip(part.places, part.names, strict=True):
            layer, _, short = own.rpartition(".")
            layers.setdefault(layer, {})[short.upper()] = place
        for named in layers.values():
            if all(colour in named for colour in "RGB"):
                return number, tuple(named[colour] for colour in "RGB")
    for number, part in enumerate(parts):
        if "Y" in part.names:
            return number, (part.places[part.names.index("Y")],)
    for number, part in enumerate(parts):
        if part.places:
            return number, part.places[:1]
    raise MediaReadError(f"{name} has no colour channels.")


def view_of(specs: Sequence[Any], part: int, channel: int) -> str:
    """The view that a channel belongs to; empty where none is named."""
    spec = specs[part]
    own = str(spec.get_string_attribute("view"))
    return own or _channel_view(str(spec.channelnames[channel]), _multi_view(spec))


def _of_view(spec: Any, view: str, views: Sequence[str]) -> PartChannels:
    own, multi_view = str(spec.get_string_attribute("view")), _multi_view(spec)
    if own or not multi_view:  # a part that names no view shows what all views share
        is_its = own == view or (not own and view == views[0])
        return _chosen(spec, range(spec.nchannels if is_its else 0), spec.channelnames)
    wanted = [
        channel
        for channel in range(spec.nchannels)
        if _channel_view(spec.channelnames[channel], multi_view)
        in ((view, "") if view == views[0] else (view,))
    ]
    plain = [_without_view(str(name), view) for name in spec.channelnames]
    return _chosen(spec, wanted, plain)


def _chosen(spec: Any, places: Sequence[int], names: Sequence[str]) -> PartChannels:
    return PartChannels(tuple(places), tuple(str(names[place]) for place in places))


def _multi_view(spec: Any) -> tuple[str, ...]:
    value = spec.getattribute("multiView")
    if isinstance(value, str):  # OpenImageIO's way with a list of one
        return (value,)
    return tuple(str(name) for name in value) if isinstance(value, tuple | list) else ()


def _channel_view(name: str, multi_view: Sequence[str]) -> str:
    if not multi_view:
        return ""
    sections = name.split(".")
    if len(sections) == 1:
        return multi_view[0]
    return sections[-2] if sections[-2] in multi_view else ""


def _without_view(name: str, view: str) -> str:
    sections = name.split(".")
    if len(sections) > 1 and sections[-2] == view:
        del sections[-2]
    return ".".join(sections)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
