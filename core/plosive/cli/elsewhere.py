# SPDX-License-Identifier: Apache-2.0
"""Commands that other packages bring: the core finds them by entry points and knows none."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from plosive.errors import MissingDependencyError

__all__ = ["GroupFromElsewhere"]


class GroupFromElsewhere(click.Group):
    """Its own commands, and those of an entry-point group, which are loaded when they are asked for."""

    def __init__(self, *arguments: Any, points: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.points = points

    def list_commands(self, context: click.Context) -> list[str]:
        return [*super().list_commands(context), *sorted(self._elsewhere())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        own = super().get_command(context, name)
        if own is not None or name not in self._elsewhere():
            return own
        try:
            found = self._elsewhere()[name].load()
        except ImportError as error:
            raise MissingDependencyError(
                f"plosive {name} needs a package that is missing ({error}); install plosive[daemon]."
            ) from error
        assert isinstance(found, click.Command)
        return found

    def _elsewhere(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.points)}
