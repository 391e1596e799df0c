# SPDX-License-Identifier: Apache-2.0
"""Puts the page together."""

from __future__ import annotations

from importlib import resources
from string import Template

from plosive.quality.report.document import data_of, json_for_html, pictures_of
from plosive.quality.report.heading import heading, points, warnings
from plosive.quality.report.pictures import Pictures
from plosive.quality.report.strips import strips
from plosive.quality.report.tables import equalities, faces, figures, further_flags
from plosive.quality.report.wording import text
from plosive.quality.scorecard import Scorecard

__all__ = ["page"]

_PLOTTER = "uPlot 1.6.32"


def page(card: Scorecard, pictures: Pictures) -> str:
    """The whole HTML of `card`, with everything it needs inline."""
    return Template(_file("page.html")).substitute(
        title=text(card.result.name),
        style=_file("vendor/uPlot.min.css") + _file("report.css"),
        heading=heading(card),
        points=points(card),
        warnings=warnings(card),
        about_pictures=text(_about(card, pictures)),
        moments=_moments(card, pictures),
        figures=figures(card),
        faces=faces(card),
        equalities=equalities(card.equalities),
        licence=text(_file("vendor/LICENSE")),
        plotter=_PLOTTER,
        data=json_for_html(data_of(card, pictures)),
        pictures=json_for_html(pictures_of(pictures)),
        plotting=_plotting(),
        script=_file("report.js"),
    )


def _moments(card: Scorecard, pictures: Pictures) -> str:
    if not card.flags:
        return "<p class=quiet>No range was flagged.</p>"
    shown = [strip.moment.flag for strip in pictures.strips]
    return strips(card, pictures) + further_flags(card, shown)


def _about(card: Scorecard, pictures: Pictures) -> str:
    """What one must know about the pictures of the viewer."""
    sentences = []
    if pictures.scale < 1:
        sentences.append(
            f"Pictures of the viewer are scaled down to {pictures.scale:.0%}; the strips are at 1:1 and show "
            "the middle of the same window."
        )
    if len(pictures.result) < card.frame_count:
        sentences.append(f"Pictures are kept of {len(pictures.result)} of {card.frame_count} frames.")
    if pictures.is_plate_resized:
        sentences.append("The plate has another size; its pictures were brought to the result's.")
    return " ".join(sentences)


def _plotting() -> str:
    """uPlot's script; its licence stands where its first line, a comment with an address, was."""
    _, _, script = _file("vendor/uPlot.iife.min.js").partition("\n")
    return f"/* {_PLOTTER}\n\n{_file('vendor/LICENSE')}*/\n{script}"


def _file(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
