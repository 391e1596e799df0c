# SPDX-License-Identifier: Apache-2.0
"""The top of the page: what was judged, and the score."""

from __future__ import annotations

from plosive.quality.report.wording import frames_range, rate, text
from plosive.quality.scorecard import Point, Scorecard

__all__ = ["heading", "points", "warnings"]


def heading(card: Scorecard) -> str:
    first, last = card.first_frame, card.last_frame_inclusive
    frames = f"{frames_range(first, last)} ({card.frame_count})"
    rows = [
        ("Plate", _plate(card)),
        ("Dub", card.dub.name),
        ("Frames", frames),
    ]
    if card.start_timecode is not None:
        rows.append(("Timecode", f"{card.timecode(first)} \N{EN DASH} {card.timecode(last)}"))
    rows += [
        ("Rate", f"{rate(card.frame_rate)} fps" + (", variable" if _is_variable(card) else "")),
        ("Picture", f"{card.width} \N{MULTIPLICATION SIGN} {card.height}"),
        ("Phones", f"{card.speech_source}, confidence {card.speech_confidence:.2f}"),
    ]
    items = "".join(f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>" for name, value in rows)
    return f"<h1>{text(card.result.name)}</h1><dl class=facts>{items}</dl>"


def points(card: Scorecard) -> str:
    """The total and the points it is made of."""
    total = f"<b>{card.total:.1f}</b> of {card.total_of}" if card.total_of else "<b>not judged</b>"
    missing = len(card.points) - card.total_of
    left_out = f"{missing} {'point' if missing == 1 else 'points'} not judged" if missing else "points"
    return (
        f'<p class=total><span id="total">{total}</span><small>{left_out}</small></p>'
        f"<ol class=points>{''.join(_point(point) for point in card.points)}</ol>"
    )


def warnings(card: Scorecard) -> str:
    if not card.warnings:
        return ""
    items = "".join(f"<li>{text(sentence)}</li>" for sentence in card.warnings)
    return f'<section class=warnings aria-label="Warnings"><ul>{items}</ul></section>'


def _plate(card: Scorecard) -> str:
    if card.plate is None:
        return "none given"
    part = card.plate_range
    frames = "" if part is None else f", {frames_range(part.first_frame, part.last_frame_inclusive)}"
    return f"{card.plate.name}{frames}"


def _point(point: Point) -> str:
    title, reason = text(point.title), text(point.reason)
    if point.value is None:
        return (
            f"<li class=unjudged><h2>{title}</h2><span class=mark>not judged</span>"
            f"<div class=bar aria-hidden=true></div><p>{reason}</p></li>"
        )
    share = min(max(point.value, 0.0), 1.0)
    return (
        f"<li><h2>{title}</h2><span class=mark>{point.value:.2f}</span>"
        f'<div class=bar aria-hidden=true><span style="width:{share * 100:.1f}%"></span></div>'
        f"<p>{reason}</p></li>"
    )


def _is_variable(card: Scorecard) -> bool:
    frame = 1 / card.frame_rate
    return any(abs(seconds - index * frame) > frame / 2 for index, seconds in enumerate(card.frame_seconds))
