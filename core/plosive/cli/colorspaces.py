# SPDX-License-Identifier: Apache-2.0
"""`plosive colorspaces`: what --colorspace may be."""

from __future__ import annotations

import json

import click

__all__ = ["colorspaces"]


@click.command(short_help="Colour spaces that --colorspace knows.")
@click.option("--ocio", metavar="CONFIG", help="OCIO config; default: OCIO's, else the built-in ACES one.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON on standard output.")
def colorspaces(ocio: str | None, as_json: bool) -> None:
    """List the colour spaces of the OCIO config, with the roles and other names they go by."""
    from plosive.colour.plate_colour import ColourChoice

    config = ColourChoice(config=ocio).open_config()
    roles: dict[str, list[str]] = {}
    for role, name in config.roles.items():
        roles.setdefault(name, []).append(role)
    listed = [
        {"name": name, "roles": roles.get(name, []), "aliases": list(config.aliases(name))}
        for name in config.names
    ]
    if as_json:
        click.echo(json.dumps({"config": config.path, "colorspaces": listed}, indent=1))
        return
    click.echo(f"Colour spaces of {config.label}; any other name beside one means the same:\n")
    for space in listed:
        others = ", ".join([*space["roles"], *space["aliases"]][:3])
        click.echo(f"  {space['name']:<34} {others}".rstrip())
