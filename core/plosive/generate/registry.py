# SPDX-License-Identifier: Apache-2.0
"""The generators there are: Plosive's own, and those that installed packages offer.

A package offers one by an entry point of the group `plosive.generators`: its name is the generator's, its
value a class, or a function without arguments, that makes it. One that is broken is told of and harms no
other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points

from plosive import __version__
from plosive.errors import MissingDependencyError, OptionError
from plosive.generate.facts import PROTOCOL_VERSION, GeneratorFacts
from plosive.generate.protocol import Generator

__all__ = ["ENTRY_POINTS", "Offer", "find_generator", "offered_generators"]

ENTRY_POINTS = "plosive.generators"
_OWN = "plate"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LISTED_FACE_WIDTHS = (300.0, 600.0)


@dataclass(frozen=True)
class Offer:
    """A generator that was found. `origin` is the package it comes from, with its version. `problem` is one
    sentence on why it cannot be used, '' where it can; `generator` is None where it could not even be made.
    """

    name: str
    origin: str
    generator: Generator | None
    problem: str = ""


def offered_generators() -> tuple[Offer, ...]:
    """All there are, also the broken ones: Plosive's own first, the others by name and origin."""
    found = _found()
    offers = [_offer(point, found) for point in found]
    return (_own(), *sorted(offers, key=lambda offer: (offer.name, offer.origin)))


def find_generator(name: str) -> Generator:
    """The generator an artist calls `name`; no other is loaded for it. Raises OptionError that lists those
    there are, MissingDependencyError for one that cannot be used.
    """
    found = _found()
    offers = [_own()] if name == _OWN else [_offer(point, found) for point in found if point.name == name]
    if not offers:
        names = [_OWN, *sorted({point.name for point in found} - {_OWN})]
        raise OptionError(f"There is no generator '{name}'; there is: {', '.join(names)}.")
    (offer, *_) = offers
    if offer.problem or offer.generator is None:
        raise MissingDependencyError(offer.problem)
    return offer.generator


def _own() -> Offer:
    from plosive.generate.plate import PlateGenerator

    return Offer(_OWN, f"plosive {__version__}", PlateGenerator())


def _found() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


def _offer(point: EntryPoint, found: Sequence[EntryPoint]) -> Offer:
    """What stands behind one entry point; nothing it does goes any further than here."""
    bare = Offer(point.name, _origin(point), None)
    if point.name == _OWN:
        return replace(
            bare, problem=f"The name '{_OWN}' of {bare.origin} is taken by Plosive's own generator."
        )
    if Counter(other.name for other in found)[point.name] > 1:
        others = sorted(_origin(other) for other in found if other.name == point.name)
        problem = f"Several packages offer a generator '{point.name}': {', '.join(others)}; keep one of them."
        return replace(bare, problem=problem)
    try:
        made = point.load()()
        return replace(bare, generator=made, problem=_problem(made, point.name, bare.origin))
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return replace(bare, problem=f"Generator '{point.name}' of {bare.origin} cannot be loaded: {said}")


def _problem(made: Generator, name: str, origin: str) -> str:
    """Why a generator that could be made cannot be used; '' where it can."""
    facts = made.facts
    told = f"Generator '{name}' of {origin}"
    if not isinstance(facts, GeneratorFacts):
        return f"{told} has facts that are no GeneratorFacts, but {type(facts).__name__}."
    if facts.protocol_version != PROTOCOL_VERSION:
        age = "a newer" if facts.protocol_version < PROTOCOL_VERSION else "an older"
        return (
            f"{told} is written for version {facts.protocol_version} of the generator protocol, this Plosive "
            f"has {PROTOCOL_VERSION}; install {age} one of it."
        )
    if facts.name != name or not _NAME.fullmatch(name):
        return (
            f"{told} calls itself '{facts.name}'; both names must be the same: letters a-z, digits, dashes."
        )
    for device in facts.devices:
        for width in _LISTED_FACE_WIDTHS:
            made.memory_bytes(width, device)
    if not callable(made.plan):
        return f"{told} has no plan()."
    return next((weights.problem for weights in facts.weights if weights.problem), "")


def _origin(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"
