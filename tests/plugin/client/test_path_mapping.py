# SPDX-License-Identifier: Apache-2.0
"""Paths between machines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plosive_client import InvalidRequest, PathMapping

SHOW = PathMapping(
    (("S:\\show\\cache", "/fast/cache"), ("S:\\show", "/mnt/show"), ("\\\\nas\\dubs", "/mnt/dubs"))
)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("S:\\show\\a\\b.mov", "/mnt/show/a/b.mov"),
        ("S:\\show", "/mnt/show"),
        ("S:\\show\\", "/mnt/show/"),
        ("S:\\show\\cache\\x.%04d.exr", "/fast/cache/x.%04d.exr"),
        ("S:\\shows\\a.mov", "S:\\shows\\a.mov"),
        ("\\\\nas\\dubs\\de.wav", "/mnt/dubs/de.wav"),
        ("", ""),
        ("rel/a.mov", "rel/a.mov"),
    ],
)
def test_there_and_back(here: str, there: str) -> None:
    assert SHOW.to_daemon(here) == there
    assert SHOW.to_here(there) == here


@pytest.mark.parametrize("spelled", ["s:/Show/a/b.mov", "S:/show\\a/b.mov", "s:\\SHOW\\a\\b.mov"])
def test_spellings_of_windows(spelled: str) -> None:
    assert SHOW.to_daemon(spelled) == "/mnt/show/a/b.mov"


def test_case_counts_elsewhere() -> None:
    mapping = PathMapping((("/Volumes/show", "/mnt/show"),))
    assert mapping.to_daemon("/volumes/show/a.mov") == "/volumes/show/a.mov"
    assert mapping.to_daemon("/Volumes/show/A.mov") == "/mnt/show/A.mov"


def test_roots_and_drives() -> None:
    mapping = PathMapping((("P:\\", "/"), ("Q:", "/q")))
    assert mapping.to_daemon("p:\\a\\b") == "/a/b"
    assert mapping.to_here("/a/b") == "P:\\a\\b"
    assert PathMapping((("/", "R:\\jobs"),)).to_daemon("/a/b") == "R:\\jobs\\a\\b"


def test_the_first_that_fits_counts() -> None:
    mapping = PathMapping((("/a/b", "/x"), ("/a", "/y")))
    assert mapping.to_daemon("/a/b/c") == "/x/c"
    assert mapping.to_daemon("/a/c") == "/y/c"


@pytest.mark.parametrize(
    ("pairs", "path"),
    [
        ((("/a", "/x"), ("/b", "/x/y")), "/b/f"),
        ((("/a", "/x"),), "/x/f"),
        ((("/mnt", "S:\\"),), "/mnt/a\\b.mov"),
    ],
)
def test_a_path_that_would_not_come_back_is_refused(pairs: tuple[tuple[str, str], ...], path: str) -> None:
    with pytest.raises(InvalidRequest, match="comes back as"):
        PathMapping(pairs).to_daemon(path)


def test_prefixes_are_absolute() -> None:
    with pytest.raises(InvalidRequest, match="not absolute"):
        PathMapping((("show", "/mnt/show"),))


PARTS = st.lists(st.sampled_from(["a", "B", "show", "x y", "..", "ß"]), min_size=1, max_size=3)
POSIX = PARTS.map(lambda parts: "/" + "/".join(parts))
WINDOWS = PARTS.map(lambda parts: "S:\\" + "\\".join(parts))
PREFIX = POSIX | WINDOWS


@given(st.lists(st.tuples(PREFIX, PREFIX), max_size=3), PREFIX)
def test_what_is_accepted_comes_back(pairs: list[tuple[str, str]], path: str) -> None:
    mapping = PathMapping(tuple(pairs))
    try:
        there = mapping.to_daemon(path)
    except InvalidRequest:
        return
    back = mapping.to_here(there)
    if path.startswith("/"):
        assert back == path
    else:
        assert back.replace("\\", "/").lower() == path.replace("\\", "/").lower()
