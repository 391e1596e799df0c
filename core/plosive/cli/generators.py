# SPDX-License-Identifier: Apache-2.0
"""`plosive generators`: what can make the new mouth, and on which terms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from plosive.generate import Offer
    from plosive.generate.protocol import Generator

__all__ = ["generators"]

_FACES = (("1080p", 300.0), ("UHD", 600.0))
_LABEL_WIDTH = 11


@click.command(short_help="List what can make the new mouth, with licences.")
@click.option(
    "--check", metavar="NAME", help="Try one generator on a sample face: does it keep its promises?"
)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON on standard output.")
def generators(check: str | None, as_json: bool) -> int:
    """List the generators for `sync --generator`: Plosive's own and those of installed packages.

    Memory is told for a face of 300 pixels, as in a medium close-up at 1080p, and of 600 at UHD. With
    --check, exit code 1 when a promise is broken.
    """
    from plosive.generate import offered_generators

    if check is not None:
        return _checked(check, as_json)
    offers = offered_generators()
    if as_json:
        click.echo(json.dumps([_facts(offer) for offer in offers], indent=1))
    else:
        click.echo("\n\n".join("\n".join(_lines(offer)) for offer in offers))
    return 0


def _checked(name: str, as_json: bool) -> int:
    from plosive.contract import CHECKS, broken_promises, open_ground
    from plosive.generate import find_generator

    generator = find_generator(name)
    with open_ground() as ground:
        broken = broken_promises(generator, ground)
    if as_json:
        click.echo(json.dumps({"name": name, "checks": len(CHECKS), "broken": broken}, indent=1))
    else:
        for sentence in broken:
            click.echo(sentence)
        click.echo(f"{name} keeps {len(CHECKS) - len(broken)} of {len(CHECKS)} promises.")
    return 1 if broken else 0


def _lines(offer: Offer) -> Iterator[str]:
    if offer.generator is None:
        yield f"{offer.name} cannot be used"
        yield _line("problem", offer.problem)
        return
    facts = offer.generator.facts
    yield f"{facts.name} {facts.version}, from {offer.origin}"
    if offer.problem:
        yield _line("problem", offer.problem)
    for of, licence in facts.licences:
        yield _line("licence", f"{of}: {licence}")
    if not facts.weights:
        yield _line("weights", "none")
    yield _line("runs on", ", ".join(facts.devices))
    for device, memory in _memory(offer.generator).items():
        told = ", ".join(f"{size / 2**20:.0f} MB at {name}" for name, size in memory.items())
        yield _line("memory", f"{told} ({device})")
    yield _line("mouths", _told_size(facts.face_pixels))


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{text}"


def _told_size(face_pixels: int | None) -> str:
    return "at the plate's resolution" if face_pixels is None else f"of faces {face_pixels} pixels wide"


def _facts(offer: Offer) -> dict[str, Any]:
    told: dict[str, Any] = {"name": offer.name, "origin": offer.origin, "problem": offer.problem}
    if offer.generator is not None:
        told |= offer.generator.facts.plain() | {"memory_bytes": _memory(offer.generator)}
    return told


def _memory(generator: Generator) -> dict[str, dict[str, int]]:
    """Bytes by device, then by picture."""
    return {
        device: {name: generator.memory_bytes(width, device) for name, width in _FACES}
        for device in generator.facts.devices
    }
