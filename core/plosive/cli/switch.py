# SPDX-License-Identifier: Apache-2.0
"""`plosive switch`: shots of a conformed edit back to their originals, or forth."""

from __future__ import annotations

import json
from pathlib import Path

import click

__all__ = ["switch"]

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("edit", type=_PATH)
@click.option("-o", "--output", "out", metavar="FILE", type=_PATH, required=True, help="The edit to write.")
@click.option("--shot", "shots", metavar="NAME|NUMBER", multiple=True, help="These shots; without it all.")
@click.option(
    "--to",
    type=click.Choice(("original", "synced")),
    default="original",
    show_default=True,
    help="The plate.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
def switch(edit: Path, out: Path, shots: tuple[str, ...], to: str, as_json: bool) -> int:
    """Write a conformed EDIT (OTIO) again, with shots showing their original or their synced plates.

    FILE ends in otio, edl, xml (Final Cut Pro 7, Premiere), fcpxml or aaf, and must not exist.
    """
    from plosive.conform.results.switching import switch_shots

    done = switch_shots(edit, shots, to, out)
    if as_json:
        facts = {
            "schema": "plosive.switch.v1",
            "to": to,
            "shots": [{"number": number, "name": name} for number, name in done.shots],
            "files": [str(path) for path in done.paths],
            "notes": list(done.notes),
        }
        click.echo(json.dumps(facts, indent=1))
        return 0
    for sentence in done.notes:
        click.echo(sentence, err=True)
    named = ", ".join(f"{number} {name}" if number is not None else name for number, name in done.shots)
    click.echo(f"{to}: {named}" if named else f"All of them were {to} before.")
    for path in done.paths:
        click.echo(f"  {path}")
    return 0
