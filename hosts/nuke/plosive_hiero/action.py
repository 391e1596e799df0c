# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip: from what is selected to jobs under way, and their results in place."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Optional

from plosive_hiero.choices import Choices
from plosive_hiero.desk import Desk
from plosive_hiero.dub_files import dubs_of
from plosive_hiero.look import Look, find_item, look_of
from plosive_hiero.marks import Mark
from plosive_hiero.memory import recalled, remember
from plosive_hiero.reading import media_path
from plosive_hiero.request import request_of
from plosive_hiero.result_clip import find_clip, result_clip
from plosive_hiero.sound_reading import voices_found
from plosive_hiero.sync_dialog import choices_of, kept_values, sync_dialog, why_not_yet
from plosive_hiero.targets import Target, sounds_of, targets_of
from plosive_hiero.track_placing import place_above, result_above, why_not_above
from plosive_hiero.version_placing import add_bin_version, place_version
from plosive_hiero.voices import VoiceFound
from plosive_host import PlosiveHostError

__all__ = ["lip_sync"]


def lip_sync(selection: Sequence[Any], desk: Desk) -> None:
    """Ask, and begin a job for each clip. Never raises: what goes wrong is shown, with the log's place."""
    label = ""
    try:
        targets = list(targets_of(selection))
        if not targets:
            raise PlosiveHostError("Select the clips whose mouths shall move.", "NO_PICTURE")
        label = targets[0].use.name
        sounds = sounds_of(selection)
        voices = [voices_found(one.item, one.use, sounds) if one.item is not None else () for one in targets]
        choices = _ask(targets, voices, desk)
        if choices is None:
            return
        for target, found in zip(targets, voices):  # noqa: B905 (Python 3.9 has no strict)
            label = target.use.name
            _start(target, found, choices, desk)
    except PlosiveHostError as error:
        desk.log.error("%s (%s)", error, error.code)
        desk.tell_error(label, error)
    except Exception as error:  # a defect must not be silent, nor end the program's own work
        desk.log.exception("Lip Sync Clip")
        told = f"Lip Sync Clip failed ({type(error).__name__}: {error}); the log says where."
        desk.tell_error(label, PlosiveHostError(told, "HIERO"))


def _ask(
    targets: Sequence[Target], voices: Sequence[tuple[VoiceFound, ...]], desk: Desk
) -> Optional[Choices]:
    """None: cancelled."""
    is_alone = len(targets) == 1
    shown = voices[0] if is_alone else ()
    is_bin = targets[0].item is None
    items = [one.item for one in targets if one.item is not None]
    why_no_track = next(filter(None, map(why_not_above, items)), "")
    project = targets[0].project
    names = [one.use.name for one in targets]
    dialog = sync_dialog(names, shown, _folder(project, targets[0]), why_no_track, is_bin)
    needs_dub = is_bin or not all(voices)

    def check(values: dict[str, Any]) -> str:
        return why_not_yet(values, shown, needs_dub)

    key = str(project.path() or project.name())
    chosen = desk.screen.ask(dialog, dialog.fitting(recalled(key, desk.log)), check)
    if chosen is None:
        return None
    remember(key, kept_values(chosen), desk.log)
    choices = choices_of(chosen, shown)
    try:
        os.makedirs(choices.folder, exist_ok=True)
    except OSError as error:
        raise PlosiveHostError(
            f"{choices.folder} cannot be made ({error.strerror}); choose another folder.", "FOLDER", "folder"
        ) from error
    return choices


def _start(target: Target, voices: tuple[VoiceFound, ...], choices: Choices, desk: Desk) -> None:
    dubs = dubs_of(target.use, voices, choices)
    sync = request_of(target.use, dubs, choices)
    dub = ", ".join(one.path for one in dubs)
    before = look_of(target.item) if target.item is not None else None
    desk.start(target.use.name, sync, _placing(target, choices, dub, before))


def _placing(
    target: Target, choices: Choices, dub: str, before: Optional[Look]
) -> Callable[[dict[str, Any]], tuple[str, ...]]:
    def place(job: dict[str, Any]) -> tuple[str, ...]:
        result = job.get("result") or {}
        path, score = str(result.get("out_path") or "").replace("\\", "/"), result.get("score")
        handles = choices.written_handles
        media = target.use.media
        held = (
            (media.first_number, media.last_number_inclusive)
            if handles is None
            else target.use.with_handles(handles)
        )
        mark = Mark(media.path, *held, str(job.get("id") or ""), dub, f"{score:.1f}" if score else "")
        return _put(target, choices, mark, path, before)

    return place


def _put(target: Target, choices: Choices, mark: Mark, path: str, before: Optional[Look]) -> tuple[str, ...]:
    """The result in the project: as one step of Undo, or not at all."""
    step = f"Lip Sync {target.use.name} {os.path.splitext(os.path.basename(path))[0]}"
    if before is None:
        clip = result_clip(path, target.plate, target.use, mark)
        add_bin_version(target.bin_item, clip, step)
        return _clip_notes(target)
    item = find_item(target.item.parentSequence(), before.guid, target.use.name)
    if look_of(item) != before:
        raise PlosiveHostError(
            f"{target.use.name} was changed while it was synced, so the result was not placed.", "CHANGED"
        )
    clip = result_clip(path, target.plate, target.use, mark)
    notes = _clip_notes(target)
    if choices.output_mode == "version":
        return (*place_version(item, _known(target.bin_item, path) or clip, step), *notes)
    earlier = result_above(item, mark)
    if earlier is not None:
        versions = earlier.source().binItem()
        return (*place_version(earlier, _known(versions, path) or clip, step), *notes)
    return (*place_above(item, target.use, clip, mark, step), *notes)


def _known(bin_item: Any, path: str) -> Any:
    """The Clip of a version that is there already: a job that gave an earlier result again."""
    return find_clip(bin_item, lambda one: media_path(one.mediaSource()), path)


def _clip_notes(target: Target) -> tuple[str, ...]:
    inner = [one for sub in target.plate.subTrackItems() or () for one in sub]
    if inner:
        return (f"Effects inside the clip {target.plate.name()} are not on its result; copy them over.",)
    return ()


def _folder(project: Any, target: Target) -> str:
    """Beside the project; beside the media where it was never saved."""
    path = str(project.path() or "")
    return os.path.join(os.path.dirname(path or target.use.media.path), "plosive")
