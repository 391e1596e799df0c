# SPDX-License-Identifier: Apache-2.0
"""New mouths: the `Generator` protocol and the default `plate` generator."""

from __future__ import annotations

from plosive.errors import OptionError
from plosive.generate.protocol import Generator

__all__ = ["find_generator"]


def find_generator(name: str) -> Generator:
    """The generator an artist calls `name`; raises OptionError that lists those there are."""
    from plosive.generate.plate import PlateGenerator

    known = {generator.name: generator for generator in (PlateGenerator(),)}
    if name not in known:
        raise OptionError(f"There is no generator '{name}'; there is: {', '.join(sorted(known))}.")
    return known[name]
