# SPDX-License-Identifier: Apache-2.0
"""Asks the artist what shall be done with each clip."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from plosive_host import PlosiveHostError, Session
from plosive_host.dialog import Values
from plosive_resolve.application import Host, can
from plosive_resolve.choices import Choices
from plosive_resolve.clip_work import ClipWork
from plosive_resolve.faces_look import FacesLook
from plosive_resolve.memory import recalled, remember
from plosive_resolve.options_file import read_options
from plosive_resolve.request import clip_range_of
from plosive_resolve.screen import Look, Screen
from plosive_resolve.sync_dialog import (
    Span,
    VoiceLine,
    choices_of,
    kept_values,
    options_dialog,
    sync_dialog,
    why_no_range,
    why_not_yet,
)
from plosive_resolve.timeline_view import view_timeline

__all__ = ["ask_choices", "marks_of"]


def ask_choices(
    host: Host, works: Sequence[ClipWork], screen: Screen, session: Session, log: logging.Logger
) -> bool:
    """Set the choices, or the error, of each of `works`. False: the artist cancelled.

    One clip has a dialog with its voices and faces. Several have one for what goes for all of them, and those
    in which several people speak, or nobody, one of their own. Raises PlosiveHostError (OPTION, CHOICE).
    """
    # Without dialogs there is one place to look at, and that is the file.
    project = _project_key(host) if screen.has_dialogs else ""
    kept = recalled(project, log) if project else {}
    begin = options_dialog().fitting({**read_options(options_dialog()), **kept})
    marks = marks_of(host)
    if len(works) > 1:
        answer = _ask_for_all(works, begin, marks, screen)
        if answer is None:
            return False
        begin = {**begin, **answer}
        if project:
            remember(project, kept_values(begin), log)
    for work in works:
        lines = _lines(work)
        values: Mapping[str, Any] = begin
        try:
            if len(works) == 1 or len([line for line in lines if line.is_suggested]) != 1:
                earlier = recalled(project, log, _clip_key(work)) if project else {}
                chosen = _ask_for_one(work, lines, {**begin, **earlier}, marks, screen, session, log)
                if chosen is None:
                    return False
                values = chosen
                if project:
                    own = {name: values[name] for name in sorted(set(values) - set(begin))}
                    remember(project, own, log, _clip_key(work))
                    if len(works) == 1:
                        remember(project, kept_values(values), log)
            work.choices = choices_of(values, lines, marks)
        except PlosiveHostError as error:
            if len(works) == 1:
                raise
            work.error = error
    return True


def marks_of(host: Host) -> Span | None:
    """The frames between the timeline's in and out point, both included; None where one is missing.

    `GetMarkInOut` counts from the timeline's first frame, says the vendor's stub, and leaves out what is not
    set.
    """
    view = view_timeline(host.timeline)
    if not can(view.live, "GetMarkInOut"):
        return None
    told = view.live.GetMarkInOut()
    video = told.get("video") if isinstance(told, Mapping) else None
    if not isinstance(video, Mapping) or "in" not in video or "out" not in video:
        return None
    first, last = view.start_frame + round(float(video["in"])), view.start_frame + round(float(video["out"]))
    return (first, last) if first <= last else None


def _ask_for_all(
    works: Sequence[ClipWork], begin: Mapping[str, Any], marks: Span | None, screen: Screen
) -> Values | None:
    notes = []
    for work in works:
        said = ", ".join(voice.label for voice in work.voices.suggested) or "no dub found"
        notes.append(f"{work.name}: {said}")
    dialog = sync_dialog(f"{len(works)} clips", notes, (), is_for_many=True)
    return screen.ask(dialog, dialog.fitting(begin), Look, lambda told: why_no_range(told, marks))


def _ask_for_one(
    work: ClipWork,
    lines: Sequence[VoiceLine],
    begin: Mapping[str, Any],
    marks: Span | None,
    screen: Screen,
    session: Session,
    log: logging.Logger,
) -> Values | None:
    clip = work.clip
    notes = [*clip.notes, *work.voices.notes]
    if clip.needs_rendering:
        notes.append(f"{clip.needs_rendering}: Resolve renders it first.")
    head = f"{work.name}: {clip.duration_record_frames} frames, video track {clip.item.track_index}"
    dialog = sync_dialog(head, notes, lines)
    values = {**begin, **dialog.fitting(begin)}  # what only the options file can say goes along
    clip_range = _clip_range(work, values) if screen.has_dialogs else None
    with FacesLook(session, clip_range, log) as look:
        chosen = screen.ask(
            dialog,
            values,
            look,
            lambda told: why_not_yet({**values, **told}, lines) or why_no_range(told, marks),
        )
    return None if chosen is None else {**values, **chosen}


def _clip_key(work: ClipWork) -> str:
    """The frames it plays, not the item: a clip that was cut and joined again is the same one."""
    clip = work.clip
    return f"{clip.media.path or clip.media.media_id} {clip.first_frame}-{clip.last_frame_inclusive}"


def _clip_range(work: ClipWork, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """As the job is likely to have it, so that its faces are known then."""
    if work.clip.needs_rendering:
        return None
    return clip_range_of(work.clip, Choices(handle_frames=int(values["handles"])))


def _lines(work: ClipWork) -> list[VoiceLine]:
    return [
        VoiceLine(
            voice.key,
            f"{voice.key} {voice.label}" + (f" ({voice.why})" if voice.why else ""),
            voice.is_suggested,
        )
        for voice in work.voices.voices
    ]


def _project_key(host: Host) -> str:
    project = host.project
    identity = project.GetUniqueId() if can(project, "GetUniqueId") else None
    return str(identity or project.GetName() or "")
