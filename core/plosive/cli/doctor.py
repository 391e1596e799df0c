# SPDX-License-Identifier: Apache-2.0
"""`plosive doctor`: is everything there, and how to get what is not."""

from __future__ import annotations

import dataclasses
import json

import click

from plosive.cli.elsewhere import GroupFromElsewhere
from plosive.cli.inspection import Finding, findings

__all__ = ["DOCTORS_GROUP", "doctor"]

DOCTORS_GROUP = "plosive.doctors"
"""Entry points of doctors for what the core does not know, such as hosts."""


@click.group(
    cls=GroupFromElsewhere,
    points=DOCTORS_GROUP,
    invoke_without_command=True,
    subcommand_metavar="[HOST]",
    short_help="Versions, devices, codecs; what is missing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON on standard output.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    """Show versions, devices and codecs; say what is missing and how to get it. With a host: look at Plosive
    in that program.

    Exit code 1 when something Plosive cannot do without is missing.
    """
    if context.invoked_subcommand is not None:
        return 0  # the host's doctor takes --json itself, and its exit code is the one that counts
    return _look(as_json)


def _look(as_json: bool) -> int:
    found = list(findings())
    lacking = [finding for finding in found if finding.is_essential and not finding.is_present]
    if as_json:
        click.echo(
            json.dumps({"ok": not lacking, "findings": [dataclasses.asdict(f) for f in found]}, indent=1)
        )
    else:
        _show(found)
        click.echo("")
        if lacking:
            names = ", ".join(finding.name for finding in lacking)
            click.echo(f"Plosive cannot work here yet; missing: {names}.")
        else:
            click.echo("Plosive has all it needs.")
    return 1 if lacking else 0


def _show(found: list[Finding]) -> None:
    area = ""
    for finding in found:
        if finding.area != area:
            area = finding.area
            click.echo(f"\n{area}")
        mark = " " if finding.is_present else "!" if finding.is_essential else "-"
        remedy = "" if finding.is_present else f"  -> {finding.remedy}"
        click.echo(f" {mark} {finding.name:<22} {finding.value}{remedy}")
