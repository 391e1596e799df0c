# SPDX-License-Identifier: Apache-2.0
"""Nuke scripts as text: nodes, their inputs, and how values are written.

A script is a list of nodes over a stack: a node takes its inputs from the top, input 0 (B) first, and is
pushed itself; `set N1 [stack 0]` keeps the top under a name and `push $N1` brings it back. Here every node is
kept and every input pushed, so the order of nodes means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["NukeNode", "number_text", "quoted", "script_text", "written_curve"]

_PLAIN = re.compile(r"[\w./%:+-]+")


@dataclass(frozen=True)
class NukeNode:
    """One node. `knobs` are (name, value as written) in order; `inputs` are names of nodes before it, input 0
    (B, or what is changed) first, None for an input left open. `x`, `y` place it in the graph.
    """

    kind: str
    name: str
    knobs: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str | None, ...] = ()
    x: int = 0
    y: int = 0


def script_text(nodes: Sequence[NukeNode], layers: Sequence[str], root: Sequence[tuple[str, str]]) -> str:
    """A whole script. `layers` are declared first, `mouth mouth.red mouth.green ...` each; `root` are knobs
    of the script itself. Shuffle2 came with Nuke 12.1.
    """
    lines = ["version 12.1 v1", "Root {", " inputs 0"]
    lines += [f" {name} {value}" for name, value in root] + ["}"]
    lines += [f"add_layer {{{layer}}}" for layer in layers]
    for node in nodes:
        for source in reversed(node.inputs):
            lines.append("push 0" if source is None else f"push $N{source}")
        lines.append(f"{node.kind} {{")
        if len(node.inputs) != 1:
            lines.append(f" inputs {len(node.inputs)}")
        for name, value in node.knobs:
            lines.append(f" {name} {value}")
        lines += [f" name {node.name}", f" xpos {node.x}", f" ypos {node.y}", "}"]
        lines.append(f"set N{node.name} [stack 0]")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A string knob's value; quoted where Tcl would take it apart."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(r'([\\"\[$])', r"\\\1", text).replace("\n", "\\n")
    return f'"{escaped}"'


def number_text(value: float, digits: int = 6) -> str:
    """A number with at most `digits` decimals and no zeros at the end: `0.5`, `-12`, `1`."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def written_curve(frames: Sequence[int], values: Sequence[float], digits: int = 5) -> str:
    """`{curve L x1001 0.1 x1002 0.25}`: straight between keys (Foundry, "Curve serialisation format")."""
    keys = " ".join(
        f"x{frame} {number_text(value, digits)}" for frame, value in zip(frames, values, strict=True)
    )
    return f"{{curve L {keys}}}"
