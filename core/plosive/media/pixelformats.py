# SPDX-License-Identifier: Apache-2.0
"""Choosing, of the pixel formats an encoder takes, the one that loses least."""

from __future__ import annotations

from collections.abc import Sequence

from plosive.media.layout import Model, SampleLayout

__all__ = ["nearest_format"]


def nearest_format(layout: SampleLayout, candidates: Sequence[str]) -> str:
    """The candidate (FFmpeg pixel format names) that holds pictures of `layout` with the least loss.

    Order of worth: the kind of colour, alpha, chroma resolution, bit depth; then the smallest.
    """
    return min(candidates, key=lambda name: _loss(layout, name))


def _loss(layout: SampleLayout, name: str) -> tuple[float, ...]:
    import av

    known = av.VideoFormat(name, 16, 16)
    parts = known.components
    bits = min((part.bits for part in parts), default=8)
    has_alpha = any(part.is_alpha for part in parts)
    colours = len(parts) - has_alpha
    model = Model.RGB if known.is_rgb or name == "pal8" else Model.GRAY if colours == 1 else Model.YCBCR
    shift_x = {16: 0, 8: 1, 4: 2}.get(known.chroma_width(16), 0) if model is Model.YCBCR else 0
    shift_y = {16: 0, 8: 1, 4: 2}.get(known.chroma_height(16), 0) if model is Model.YCBCR else 0
    is_other_model = model is not layout.model and not (layout.model is Model.GRAY and model is Model.YCBCR)
    return (
        model is Model.GRAY and layout.model is not Model.GRAY,
        name in ("pal8", "monob", "monow"),
        is_other_model,
        layout.has_alpha and not has_alpha,
        max(0, shift_x - layout.chroma_shift_x) + max(0, shift_y - layout.chroma_shift_y),
        max(0, layout.bit_depth - bits),
        has_alpha and not layout.has_alpha,
        known.bits_per_pixel,
    )
