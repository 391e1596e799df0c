# SPDX-License-Identifier: Apache-2.0
"""How the commands of `plosive jobs` reach the daemon, and how they tell what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import click

from plosive_client.client import Client
from plosive_client.errors import PlosiveClientError
from plosive_client.job import Job, JobState
from plosive_client.job_text import event_line, result_lines
from plosive_client.reaching import Reach
from plosive_client.stdio.json_form import to_json

__all__ = ["asked", "followed", "fraction_given", "print_json", "watched"]

_NOT_DONE = 1
_SOME_FAILED = 3  # as `plosive conform` ends


@contextmanager
def asked(*, is_started: bool = False) -> Iterator[Client]:
    """The daemon that the options of `plosive jobs` mean. Failures become one sentence on standard error and
    exit code 2.
    """
    try:
        reach = click.get_current_context().find_object(Reach) or Reach()
        with reach.client(is_started=is_started) as client:
            yield client
    except PlosiveClientError as error:
        field = f" (field {error.field})" if error.field else ""
        raise click.ClickException(f"{error}{field}") from error


def followed(client: Client, job: Job, *, is_watched: bool, as_json: bool) -> int:
    """Tell of a job that was just submitted; the exit code."""
    if is_watched:
        return watched(client, job.id, 0, as_json)
    if as_json:
        print_json(to_json(job))
    else:
        click.echo(job.id)
    return 0


def watched(client: Client, job_id: str, after_sequence: int, as_json: bool) -> int:
    """Tell a job's events to its end; the exit code."""
    job: Job | None = None
    told = ""
    for event in client.watch(job_id, after_sequence=after_sequence):
        job = event.job or job
        if as_json:
            click.echo(json.dumps(to_json(event)))
        elif (line := event_line(event)) != told:
            click.echo(line)
            told = line
    if job is None or not job.state.is_ended:
        job = client.job(job_id)
    conform = None if job.result is None else job.result.conform
    if job.result is not None and conform is not None and not as_json:
        for line in result_lines(job.result):
            click.echo(line)
    if job.state is not JobState.DONE:
        return _NOT_DONE
    return _SOME_FAILED if conform is not None and conform.shots_failed else 0


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=1))


def fraction_given(given: str, option: str) -> Fraction:
    """Raises click.UsageError."""
    try:
        return Fraction(given)
    except (ValueError, ZeroDivisionError):
        raise click.UsageError(f"{option} is a number or a fraction, not '{given}'.") from None
