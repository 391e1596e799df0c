# SPDX-License-Identifier: Apache-2.0
"""`plosive demo`: the main job on a small sample."""

from __future__ import annotations

from pathlib import Path

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.cli.sync import tell

__all__ = ["demo"]


@click.command(short_help="Sync a small sample and say where the result is.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo_output"),
    show_default=True,
    help="Where the plate and the results go; what an earlier demo left there is replaced.",
)
def demo(folder: Path) -> None:
    """Make a sample plate from a public-domain portrait, sync it to a spoken line, show the result."""
    from plosive.demo.run import run_demo

    with ConsoleProgress() as progress:
        result = run_demo(folder, progress)
    tell(result.sync)
    click.echo("")
    click.echo(f"plate         {result.plate}")
    click.echo(f"dub           {result.dub}  ({result.words})")
    click.echo(f"synced plate  {result.sync.out}")
    click.echo(f"layers        {result.layers}  (for compositing; docs/elements.md)")
    click.echo(f"verified      {result.proof}")
    click.echo(f"side by side  {result.side_by_side}  (plate left, result right)")
    if result.contact_sheet is not None:
        click.echo(f"contact sheet {result.contact_sheet}  (plate above, result below, at single sounds)")
