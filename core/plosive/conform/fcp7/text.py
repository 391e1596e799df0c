# SPDX-License-Identifier: Apache-2.0
"""Final Cut Pro 7 XML as the adapter of OpenTimelineIO understands it.

Facts of the format: an element with an `id` is written out once and elsewhere stands empty. The adapter knows
only those it met before, in the order in which it reads, and of a sequence in a sequence it looks for tracks
where there are none: it comes out empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from plosive.errors import MediaReadError

__all__ = ["resolved_text"]

_WRITTEN_ONCE = ("file", "sequence")
_KINDS = ("video", "audio")
_DEEPEST = 30
_MOST_NESTED = 10_000


def resolved_text(path: Path) -> str:
    """The file with every `file` and nested `sequence` written out, and the tracks of nested sequences where
    the adapter looks for them. Raises ElementTree.ParseError, and MediaReadError for a sequence that holds
    itself and for more nested sequences than any edit has.
    """
    root = ElementTree.parse(path).getroot()
    whole: dict[tuple[str, str], Element] = {}
    for tag in _WRITTEN_ONCE:
        for element in root.iter(tag):
            if len(element) and element.get("id"):
                whole.setdefault((tag, element.get("id", "")), element)
    _Writer(path.name, whole).write_out(root, 0)
    return ElementTree.tostring(root, "unicode")


@dataclass
class _Writer:
    """`whole` are the elements that are written out, by tag and id."""

    name: str
    whole: dict[tuple[str, str], Element]
    written: int = 0

    def write_out(self, element: Element, depth: int) -> None:
        """`depth` counts sequences around it."""
        if depth > _DEEPEST:
            raise MediaReadError(
                f"{self.name} cannot be read: a sequence of it holds itself, or sequences are nested "
                f"more than {_DEEPEST} deep; take it out of itself in the editing program."
            )
        for place, child in enumerate(element):
            if child.tag not in _WRITTEN_ONCE:
                self.write_out(child, depth)
                continue
            is_nested = child.tag == "sequence" and element.tag == "clipitem"
            known = self.whole.get((child.tag, child.get("id", "")))
            if known is None or (child is known and not is_nested):
                self.write_out(child, depth + (child.tag == "sequence"))
                continue
            element[place] = self._copied(known, is_nested)
            self.write_out(element[place], depth + (child.tag == "sequence"))

    def _copied(self, known: Element, is_nested: bool) -> Element:
        """Without its id: it stands for itself."""
        copied = Element(known.tag)
        if not is_nested:
            copied.extend(known)
            return copied
        self.written += 1
        if self.written > _MOST_NESTED:
            raise MediaReadError(
                f"{self.name} nests sequences more than {_MOST_NESTED} times; flatten them in the editing "
                "program."
            )
        media = known.find("media")
        copied.extend(part for part in known if part is not media)
        copied.extend(part for part in (media if media is not None else ()) if part.tag in _KINDS)
        return copied
