# SPDX-License-Identifier: Apache-2.0
"""The tables of the page: figures, faces, equalities, flags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plosive.quality.figure import Definition, Figure
from plosive.quality.report.wording import frames_range, number, place, text, value_with_unit
from plosive.quality.scorecard import Equality, FaceScore, Flag, Scorecard

__all__ = ["equalities", "faces", "figures", "further_flags", "title_of"]

_GAUGE_LOW, _GAUGE_HIGH = 0.3, 0.7


def figures(card: Scorecard) -> str:
    """One row a figure, its definition under it."""
    rows = "".join(_figure_row(figure) for figure in card.figures)
    return (
        "<table class=figures><thead><tr><th scope=col>Figure<th scope=col class=n>Value<th scope=col>"
        "<th scope=col class=n>Real footage<th scope=col>Lies<th scope=col class=n>Counted<th scope=col>Note"
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def faces(card: Scorecard) -> str:
    """Every face with its figures, and the frames in which it could not be measured; '' when there is nothing
    to tell that the figures do not.
    """
    parts = []
    if len(card.faces) > 1:
        parts.append(_faces_table(card.faces))
    reasons = [(face, *reason) for face in card.faces if face.is_scored for reason in face.reasons]
    if reasons:
        rows = "".join(
            f"<tr><td class=n>{face.number}<td class=n>{frames_range(first, last)}<td>{text(why)}</tr>"
            for face, first, last, why in reasons
        )
        parts.append(
            f"<details><summary>Frames that were not measured ({len(reasons)})</summary><table>"
            "<thead><tr><th scope=col class=n>Face<th scope=col class=n>Frames<th scope=col>Why</tr></thead>"
            f"<tbody>{rows}</tbody></table></details>"
        )
    return f"<section><h2>Faces</h2>{''.join(parts)}</section>" if parts else ""


def equalities(items: Sequence[Equality]) -> str:
    """What must come back as it was."""
    if not items:
        return ""
    words = {True: "equal", False: "differs", None: "not compared"}
    rows = "".join(
        f"<tr><th scope=row>{text(item.name)}<td>{text(item.plate)}<td>{text(item.result)}"
        f'<td class="{"" if item.is_equal is not False else "off"}">{words[item.is_equal]}</tr>'
        for item in items
    )
    return (
        "<section><h2>Kept from the plate</h2><div class=scroll><table><thead><tr><th scope=col>What"
        "<th scope=col>Plate<th scope=col>Result<th scope=col>Is</tr></thead>"
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def further_flags(card: Scorecard, shown: Iterable[Flag]) -> str:
    """The flags that have no strip, in the clip's order."""
    taken = set(shown)
    rest = [flag for flag in card.flags if flag not in taken]
    if not rest:
        return ""
    rows = "".join(
        f"<tr><td class=n>{_jump(card, (flag.first_frame + flag.last_frame_inclusive) // 2, flag)}"
        f"<td class=n>{flag.severity:.2f}<td>{text(title_of(card, flag.figure))}"
        f"<td>{text(flag.sentence)}</tr>"
        for flag in rest
    )
    word = "range" if len(rest) == 1 else "ranges"
    return (
        f"<details><summary>{len(rest)} further flagged {word}</summary><div class=scroll><table><thead><tr>"
        "<th scope=col class=n>Frames<th scope=col class=n>Severity<th scope=col>Figure<th scope=col>What"
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def title_of(card: Scorecard, key: str) -> str:
    """The title of a figure by its key."""
    figure = card.figure(key)
    return key if figure is None else figure.definition.title


def _jump(card: Scorecard, frame: int, flag: Flag) -> str:
    frame = min(max(frame, card.first_frame), card.last_frame_inclusive)
    return (
        f'<button type=button class=link data-frame="{frame}" title="{text(place(card, frame))}">'
        f"{frames_range(flag.first_frame, flag.last_frame_inclusive)}</button>"
    )


def _figure_row(figure: Figure) -> str:
    definition = figure.definition
    value, unit = value_with_unit(figure)
    low_high, lies, gauge = "\N{EN DASH}", "", ""
    if definition.reference is not None:
        shown = [_in_unit(definition, bound) for bound in definition.reference]
        low_high = f"{shown[0]} to {shown[1]}"
        if figure.value is not None:
            lies, gauge = _standing(figure.value, definition)
    note = text(figure.note)
    missing = "" if figure.value is not None else " missing"
    return (
        f'<tr class="first{missing}"><th scope=row>{text(definition.title)}'
        f"<td class=n>{value}<td class=unit>{text(unit)}<td class=n>{low_high}<td class=lies>{gauge}{lies}"
        f"<td class=n>{_counted(figure)}<td class=note>{note}</tr>"
        f"<tr class=about><td colspan=7>{text(definition.text)} "
        f"<i>{definition.better.value.capitalize()}.</i></tr>"
    )


def _counted(figure: Figure) -> str:
    word = figure.counted
    if figure.sample_count == 1 and word.endswith("s"):
        word = word[:-1]
    grouped = f"{figure.sample_count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{grouped} {text(word)}"


def _in_unit(definition: Definition, value: float) -> str:
    return number(value * 100) if definition.unit == "share" else number(value)


def _standing(value: float, definition: Definition) -> tuple[str, str]:
    """In words, and as a small gauge: the middle is where real footage lies, the tick is the value."""
    assert definition.reference is not None
    low, high = definition.reference
    side = "below" if value < low else "above" if value > high else "within"
    if high > low:
        along = _GAUGE_LOW + (value - low) / (high - low) * (_GAUGE_HIGH - _GAUGE_LOW)
    else:  # one value, so that there is no scale: beside the range, or in its middle
        along = {"below": _GAUGE_LOW / 2, "within": 0.5, "above": (1 + _GAUGE_HIGH) / 2}[side]
    along = min(max(along, 0.0), 1.0)
    return side, f'<span class=gauge aria-hidden=true><span style="left:{along * 100:.0f}%"></span></span>'


def _who(face: FaceScore) -> str:
    return text(face.name) if face.name else f"face {face.number}"


def _faces_table(items: Sequence[FaceScore]) -> str:
    known: dict[str, Definition] = {}
    for face in items:
        for figure in face.figures:
            known.setdefault(figure.key, figure.definition)
    scored = [face for face in items if face.is_scored]
    head = "".join(
        f"<th scope=col class=n>{text(face.name) or f'Face {face.number}'}<small>shot {face.shot}, "
        f"{frames_range(face.first_frame, face.last_frame_inclusive)}</small>"
        for face in scored
    )
    rows = [("Frames", [str(face.frames) for face in scored])]
    rows.append(("Width, pixels", [number(face.width_pixels) for face in scored]))
    for key, definition in known.items():
        cells = []
        for face in scored:
            own = next((figure for figure in face.figures if figure.key == key), None)
            cells.append("\N{EN DASH}" if own is None or own.value is None else _with_unit(own))
        rows.append((definition.title, cells))
    body = "".join(
        f"<tr><th scope=row>{text(title)}{''.join(f'<td class=n>{cell}' for cell in cells)}</tr>"
        for title, cells in rows
    )
    others = ", ".join(
        f"{_who(face)} (shot {face.shot}, frames {frames_range(face.first_frame, face.last_frame_inclusive)})"
        for face in items
        if not face.is_scored
    )
    told = f"<p class=quiet>Seen, but not asked for: {others}.</p>" if others else ""
    table = (
        f"<div class=scroll><table><thead><tr><th scope=col>Figure{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )
    return (table if len(scored) > 1 else "") + told  # of one face the figures tell all


def _with_unit(figure: Figure) -> str:
    value, unit = value_with_unit(figure)
    return f"{value} <span class=unit>{text(unit)}</span>"
