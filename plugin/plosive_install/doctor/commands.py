# SPDX-License-Identifier: Apache-2.0
"""`plosive doctor resolve` and `plosive doctor nuke`."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from plosive_install.doctor.finding import Finding, State, problem
from plosive_install.doctor.looking import look
from plosive_install.doctor.nuke_checks import NUKE_CHECKS
from plosive_install.doctor.resolve_checks import RESOLVE_CHECKS
from plosive_install.doctor.view import View
from plosive_install.errors import InstallError
from plosive_install.installation import Target, target
from plosive_install.machine import this_machine
from plosive_install.sources import HOST_NAMES, plosive_version

__all__ = ["findings", "nuke", "resolve"]

Check = Callable[[View, Target], Iterator[Finding]]
_CHECKS: dict[str, tuple[Check, ...]] = {"resolve": RESOLVE_CHECKS, "nuke": NUKE_CHECKS}
_MARKS = {State.FINE: " ", State.NOTE: "-", State.PROBLEM: "!"}
_JSON = click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON on standard output.")
_DIR = click.option(
    "--dir",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where it was installed with --dir.",
)


@click.command(short_help="Why Plosive does not show or run in Resolve.")
@_DIR
@_JSON
def resolve(folder: Path | None, as_json: bool) -> int:
    """Look at Plosive in DaVinci Resolve: what keeps it from the menu or from running, and what to do.

    Exit code 1 when something keeps it from working.
    """
    return _doctor("resolve", folder, as_json)


@click.command(short_help="Why Plosive does not show or run in Nuke.")
@_DIR
@_JSON
def nuke(folder: Path | None, as_json: bool) -> int:
    """Look at Plosive in Nuke and Nuke Studio: what keeps it from the menus or from running, and what to do.

    Exit code 1 when something keeps it from working.
    """
    return _doctor("nuke", folder, as_json)


def findings(view: View, at: Target) -> Iterator[Finding]:
    """All checks of a host; one that fails of itself is a finding, too, and the others go on."""
    for check in _CHECKS[at.host]:
        try:
            yield from check(view, at)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{check.__name__} failed: {error!r} in {Path(last.filename).name}:{last.lineno}"
            yield problem("doctor", told, "tell us; it is a defect of the doctor")


def _doctor(host: str, folder: Path | None, as_json: bool) -> int:
    try:
        machine = this_machine()
        at = target(machine, host, folder)
        found = list(findings(look(machine, at), at))
    except InstallError as error:
        raise click.ClickException(str(error)) from error
    problems = [finding for finding in found if finding.state is State.PROBLEM]
    if as_json:
        told = [{**vars(finding), "state": finding.state.value} for finding in found]
        click.echo(
            json.dumps(
                {"ok": not problems, "host": host, "plosive": plosive_version(), "findings": told}, indent=1
            )
        )
    else:
        for finding in found:
            remedy = f"  -> {finding.remedy}" if finding.remedy else ""
            click.echo(f" {_MARKS[finding.state]} {finding.name:<17} {finding.value}{remedy}")
        click.echo("")
        click.echo(_verdict(host, len(problems)))
    return 1 if problems else 0


def _verdict(host: str, count: int) -> str:
    if not count:
        return f"Nothing keeps Plosive from working in {HOST_NAMES[host]}."
    what = "One thing keeps" if count == 1 else f"{count} things keep"
    return f"{what} Plosive from working in {HOST_NAMES[host]} (marked !)."
