# SPDX-License-Identifier: Apache-2.0
"""A dialog as a web page, for pictures in the docs: the same description that `dialog_resolve` draws, in
colours like Resolve's. `python -m plosive_resolve.dialog_html OUT.html FACE.jpg` writes
a sample.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from plosive_host.dialog import Dialog, Field, Value, Values
from plosive_resolve.people import Person
from plosive_resolve.sync_dialog import VoiceLine, sync_dialog

__all__ = ["dialog_html"]

_STYLE = """
body { margin: 0; padding: 24px; background: #1a1a1c; font: 13px "Open Sans", "DejaVu Sans", sans-serif;
  color: #c3c3c6; }
.window { width: 600px; background: #28282e; border: 1px solid #0c0c0e; border-radius: 6px; margin: auto; }
.title { text-align: center; padding: 8px; background: #1f1f24; color: #9b9ba0;
  border-radius: 6px 6px 0 0; }
.body { padding: 14px; }
h2 { font-size: 13px; margin: 12px 0 6px; color: #e8e8ea; }
.row { display: flex; align-items: center; margin: 5px 0; gap: 8px; }
.label { width: 130px; flex: none; }
.box { background: #1f1f24; border: 1px solid #111; border-radius: 4px; padding: 3px 8px;
  min-height: 17px; }
.grow, .row .row { flex: 1; } .words { height: 48px; } .hint { color: #6f6f75; } .number { width: 60px; }
.slider { flex: 1; height: 4px; background: linear-gradient(to right, #e64b3d var(--at), #111 var(--at));
  position: relative; }
.slider i { position: absolute; left: var(--at); top: -5px; width: 14px; height: 14px; margin-left: -7px;
  border-radius: 7px; background: #b8b8bc; }
.button { background: #3a3a41; border-radius: 12px; padding: 4px 16px; color: #ddd;
  } .main { background: #7a2f28; color: #fff; }
.tick { width: 13px; height: 13px; border: 1px solid #55555c; border-radius: 2px; background: #1f1f24;
  font-size: 12px; line-height: 13px; color: #e64b3d; }
.faces { background: #1f1f24; border: 1px solid #111; border-radius: 4px; padding: 6px; min-height: 70px; }
.faces .row { margin: 0;  padding: 3px; } .faces img { width: 64px; height: 64px; object-fit: cover;
  border-radius: 3px; }
.foot { display: flex; justify-content: flex-end; gap: 8px; margin-top: 12px; } .status { color: #9b9ba0;
  margin-top: 8px; }
"""


def dialog_html(dialog: Dialog, values: Values, people: Sequence[Person] = (), status: str = "") -> str:
    """A whole page; pictures of `people` are in it."""
    rows = "\n".join(_sections(dialog, values, people))
    buttons = f'<span class="button">{_text(dialog.cancel)}</span>'
    buttons += f'<span class="button main">{_text(dialog.accept)}</span>'
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{_text(dialog.title)}</title>'
        f'<style>{_STYLE}</style><div class="window"><div class="title">{_text(dialog.title)}</div>'
        f'<div class="body">{rows}<div class="status">{_text(status)}</div>'
        f'<div class="foot">{buttons}</div></div></div></html>\n'
    )


def _sections(dialog: Dialog, values: Values, people: Sequence[Person]) -> Iterator[str]:
    for section in dialog.sections:
        if section.title:
            yield f"<h2>{_text(section.title)}</h2>"
        for line in section.lines:
            parts = [_row(field, values.get(field.name, field.default), people) for field in line]
            yield parts[0] if len(parts) == 1 else f'<div class="row">{"".join(parts)}</div>'


def _row(field: Field, value: Value, people: Sequence[Person]) -> str:
    label = _text(field.label)
    if field.kind == "note":
        return f'<div class="row">{label}</div>'
    if field.kind == "flag":
        return f'<div class="row"><span class="tick">{"&#10003;" if value else ""}</span>{label}</div>'
    if field.kind == "faces":
        return f'<div class="faces">{"".join(_person(person) for person in people)}</div>'
    if field.is_beside:
        return _control(field, value, people)
    return f'<div class="row"><span class="label">{label}</span>{_control(field, value, people)}</div>'


def _control(field: Field, value: Value, people: Sequence[Person]) -> str:
    if field.kind == "choice":
        labels = {option.value: option.label for option in field.options}
        labels.update({person.face: person.label for person in people})
        return f'<span class="box grow">{_text(labels.get(str(value), str(value)))} &#9662;</span>'
    if field.kind == "percent":
        at = 100 * (int(value) - field.lowest) / (field.highest - field.lowest)
        slider = f'<span class="slider" style="--at: {at:.1f}%"><i></i></span>'
        return f'{slider}<span class="box number">{_text(value)} %</span>'
    if field.kind == "frames":
        return f'<span class="box number">{_text(value)}</span>'
    look = "box grow words" if field.kind == "words" else "box grow"
    shown = _text(value) if value else f'<span class="hint">{_text(field.help)}</span>'
    browse = '<span class="button">Browse…</span>' if field.kind in ("file", "folder") else ""
    return f'<span class="{look}">{shown}</span>{browse}'


def _person(person: Person) -> str:
    picture = ""
    if person.picture_path:
        data = base64.b64encode(Path(person.picture_path).read_bytes()).decode("ascii")
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="">'
    return f'<div class="row">{picture}{_text(person.label)}</div>'


def _text(value: object) -> str:
    return html.escape(str(value))


def _sample(pictures: Sequence[str]) -> str:
    """As it looks with one clip, a dub on one track and another track with music."""
    voices = (
        VoiceLine("A3", "A3 German: sh010_de.wav"),
        VoiceLine("A5", "A5 Music: theme.wav", False),
    )
    dialog = sync_dialog("sh010.mov: 96 frames, video track 1", [], voices)
    values = {
        **dialog.defaults(),
        "language": "de",
        "jaw": 115,
        "transcript": "Nein. Das habe ich nie gesagt.",
    }
    people = tuple(
        Person(str(number), "", 120 - 20 * number, 300 - 40 * number, path)
        for number, path in enumerate(pictures, 1)
    )
    return dialog_html(dialog, values, people, "One face was found.")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(_sample(sys.argv[2:]), encoding="utf-8")
