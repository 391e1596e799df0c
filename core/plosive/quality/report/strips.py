# SPDX-License-Identifier: Apache-2.0
"""The worst moments as rows of pictures at 1:1, plate above result."""

from __future__ import annotations

import base64

from plosive.quality.report.pictures import Pictures, Strip
from plosive.quality.report.tables import title_of
from plosive.quality.report.wording import frames_range, number, place, text
from plosive.quality.scorecard import Scorecard

__all__ = ["strips"]

_WORST = " \N{BLACK UP-POINTING TRIANGLE}"


def strips(card: Scorecard, pictures: Pictures) -> str:
    """All strips, the worst first; each picture is a button that selects its frame."""
    return "".join(_strip(card, pictures, strip) for strip in pictures.strips)


def _strip(card: Scorecard, pictures: Pictures, strip: Strip) -> str:
    flag, worst = strip.moment.flag, card.first_frame + strip.moment.worst_index
    face = f", face {flag.face}" if flag.face else ""
    first, last = card.first_frame + strip.indices[0], card.first_frame + strip.indices[-1]
    frames = frames_range(flag.first_frame, flag.last_frame_inclusive)
    head = (
        f"<h3>{text(title_of(card, flag.figure))}</h3><p>{text(flag.sentence)}</p>"
        f"<p class=quiet>Frames {frames}{face}; worst at {text(place(card, worst))}. "
        f"Value {number(flag.value)}, limit {number(flag.reference)}, severity {flag.severity:.2f}.</p>"
    )
    return (
        f"<article class=moment>{head}<div class=scroll tabindex=0 role=group "
        f'aria-label="Frames {first} to {last}">'
        f"<div class=strip>{''.join(_column(card, pictures, strip, index) for index in strip.indices)}</div>"
        "</div></article>"
    )


def _column(card: Scorecard, pictures: Pictures, strip: Strip, index: int) -> str:
    frame = card.first_frame + index
    is_worst = index == strip.moment.worst_index
    rows = [("result", pictures.strip_result)]
    if card.plate is not None:
        rows.insert(0, ("plate", pictures.strip_plate))
    images = "".join(_image(pictures, stored.get(index), name, frame) for name, stored in rows)
    mark = ' class="worst"' if is_worst else ""
    return (
        f'<button type=button data-frame="{frame}"{mark}>{images}'
        f"<span>{frame}{_WORST if is_worst else ''}</span></button>"
    )


def _image(pictures: Pictures, picture: bytes | None, name: str, frame: int) -> str:
    width, height = pictures.strip_width, pictures.strip_height
    if picture is None:
        return f'<span class=none style="width:{width}px;height:{height}px">no {name}</span>'
    data = base64.b64encode(picture).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{data}" width={width} height={height} alt="{name}, frame {frame}">'
    )
