# SPDX-License-Identifier: Apache-2.0
"""The group that holds the subcommands."""

from __future__ import annotations

import click

from plosive import __version__
from plosive.cli.bench import bench
from plosive.cli.colorspaces import colorspaces
from plosive.cli.conform import conform
from plosive.cli.demo import demo
from plosive.cli.doctor import doctor
from plosive.cli.elsewhere import GroupFromElsewhere
from plosive.cli.faces import faces
from plosive.cli.generators import generators
from plosive.cli.motion import motion
from plosive.cli.score import score
from plosive.cli.switch import switch
from plosive.cli.sync import sync
from plosive.cli.verify import verify

__all__ = ["COMMANDS_GROUP", "plosive"]

COMMANDS_GROUP = "plosive.commands"
"""Entry points through which other packages (the daemon, its client) add commands."""


@click.group(
    cls=GroupFromElsewhere,
    points=COMMANDS_GROUP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="plosive", message="%(prog)s %(version)s")
@click.pass_context
def plosive(context: click.Context) -> None:
    """Make the mouth in a shot say the dub, and change nothing else."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


for _command in (
    sync,
    conform,
    switch,
    verify,
    score,
    motion,
    faces,
    colorspaces,
    generators,
    demo,
    bench,
    doctor,
):
    plosive.add_command(_command)
