# SPDX-License-Identifier: Apache-2.0
"""Who sends a request reads of its fields, not of options of the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plosive.errors import MediaReadError, OptionError
from plosive_daemon.request_words import CONFORM_FIELDS, FIELDS, SCORE_FIELDS, field_told, in_request_words
from plosive_daemon.service.errors import InvalidRequest, detail_of
from plosive_daemon.workers.failures import error_of
from plosive_daemon.workers.protocol import WarningTold
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.score import _options as score_options
from plosive_proto.v1 import conform_pb2, job_pb2, score_pb2

# Options of the core that no request of the contract has, and of other commands than sync.
_NOT_IN_REQUESTS = {"--redo", "--turns", "--flags", "--save-cast", "--ipa", "--stdin"}


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("--audio-start 9 lies outside the plate.", "'dub_start_seconds' 9 lies outside the plate."),
        (
            "give another name, or --overwrite to replace it.",
            "give another name, or 'overwrite' to replace it.",
        ),
        ("leave --transcript and --language out.", "leave 'transcript' and 'language' out."),
        ("(--on-length-mismatch hold keeps it).", "('length_mismatch' hold keeps it)."),
        ("name another with --face.", "name another with 'face'."),
        ("--redo stays as it is.", "--redo stays as it is."),
        ("/shots/a--range/--face/b--seed.mov is empty.", "/shots/a--range/--face/b--seed.mov is empty."),
        ("/shots/x --range/b.mov is empty -- or gone.", "/shots/x --range/b.mov is empty -- or gone."),
        ("--face-of-anna.mov is a file.", "--face-of-anna.mov is a file."),
    ],
)
def test_words(sentence: str, wanted: str) -> None:
    assert in_request_words(sentence) == wanted
    assert in_request_words(wanted) == wanted


def test_every_field_is_in_the_contract() -> None:
    contract = (
        (FIELDS, job_pb2.SubmitJobRequest),
        (CONFORM_FIELDS, conform_pb2.ConformRequest),
        (SCORE_FIELDS, score_pb2.ScoreResultRequest),
    )
    for fields, message in contract:
        for place in fields.values():
            descriptor: Any = message.DESCRIPTOR
            for name in place.split("."):
                assert name in descriptor.fields_by_name, place
                descriptor = descriptor.fields_by_name[name].message_type


def test_every_option_that_the_core_speaks_of_is_known(repository: Path) -> None:
    """An option that is new in the core's sentences gets a line in FIELDS, or in _NOT_IN_REQUESTS above."""
    core = repository / "core" / "plosive"
    parts = ("sync", "media", "speech", "motion", "generate", "composite", "colour")
    files = [*core.glob("*.py"), *(path for part in parts for path in (core / part).rglob("*.py"))]
    assert len(files) > 200
    spoken = {flag for path in files for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", path.read_text())}
    assert spoken - set(FIELDS) - set(SCORE_FIELDS) - _NOT_IN_REQUESTS == set()


def test_failures_and_warnings_are_told_so() -> None:
    failure = OptionError("--seed must be between 0 and 9, not 10.")
    assert error_of(failure).sentence == "'seed' must be between 0 and 9, not 10."
    assert error_of(failure).field == detail_of(failure).field == "sync.seed" == field_told(str(failure))
    assert detail_of(failure).sentence == "'seed' must be between 0 and 9, not 10."
    told: list[Any] = []
    Session("1", told.append).warn("name another with --face.")
    assert told == [WarningTold("1", "name another with 'face'.")]


def test_of_a_conform_in_its_own_words() -> None:
    """The same option of the command line is another field there."""
    failure = OptionError("--handles must be 0 or more; a.mov is offline, name its folder with --media.")
    told = error_of(failure, "conform")
    assert told.sentence == (
        "'handle_frames' must be 0 or more; a.mov is offline, name its folder with 'media_folder_paths'."
    )
    assert (told.field, error_of(failure).field) == ("handle_frames", "sync.clip.handle_frames")
    warnings: list[Any] = []
    Session("1", warnings.append, kind="conform").warn("name another with --rate.")
    assert warnings == [WarningTold("1", "name another with 'edit_rate'.")]


def test_a_score_is_told_of_its_own_fields() -> None:
    """What a result holds of its plate goes through to the core, and comes back in the request's words."""
    request = score_pb2.ScoreResultRequest(result_path="/out/a.mov", plate_path="/in/a.mov")
    request.plate_range.first_frame, request.plate_range.last_frame_inclusive = 988, 1108
    assert score_options(request).plate_range == "988-1108"
    error = error_of(MediaReadError("They differ in length; name it with --plate-range FIRST-LAST."), "score")
    assert error.sentence == "They differ in length; name it with 'plate_range' FIRST-LAST."
    assert error.field == "plate_range"
    request.plate_range.last_frame_inclusive = 900
    with pytest.raises(InvalidRequest, match="plate_range runs backwards"):
        score_options(request)
