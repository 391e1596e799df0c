# SPDX-License-Identifier: Apache-2.0
"""Marking pictures as interlaced: encoders learn of fields from a flag that only a filter can set."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import av

__all__ = ["FieldMarker"]

_BOTTOM_FIRST_ORDERS = (3, 4)  # AV_FIELD_BB, AV_FIELD_TB (coded top first, shown bottom first)


class FieldMarker:
    """Sets the field flag of pictures of one size and format. `field_order` is FFmpeg's AVFieldOrder."""

    def __init__(self, field_order: int, time_base: Fraction) -> None:
        self._setting = "bff" if field_order in _BOTTOM_FIRST_ORDERS else "tff"
        self._time_base = time_base
        self._graph: Any = None

    def marked(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The picture with its flag; its samples are shared, its time kept."""
        if self._graph is None:
            self._graph = self._built(picture)
        self._graph.push(picture)
        made: av.VideoFrame = self._graph.pull()
        made.pts, made.time_base = picture.pts, picture.time_base
        return made

    def _built(self, picture: av.VideoFrame) -> Any:
        import av

        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=self._time_base
        )
        fields, sink = graph.add("setfield", self._setting), graph.add("buffersink")
        source.link_to(fields)
        fields.link_to(sink)
        graph.configure()
        return graph
