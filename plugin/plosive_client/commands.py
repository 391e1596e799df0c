# SPDX-License-Identifier: Apache-2.0
"""`plosive jobs`: the daemon's queue from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import click

from plosive_client.asking import asked, followed, fraction_given, print_json, watched
from plosive_client.client import Client
from plosive_client.clip import ClipRange, FrameRange, Voice
from plosive_client.conform_command import conform
from plosive_client.job import Job, JobState
from plosive_client.job_text import job_lines, job_table
from plosive_client.reaching import Reach
from plosive_client.stdio.json_form import to_json
from plosive_client.sync import Elements, Output, SyncRequest

__all__ = ["jobs"]

_FILE = click.Path(path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_ID = click.argument("job_ids", metavar="ID...", nargs=-1, required=True)


@click.group(short_help="List, watch and steer the daemon's jobs.", invoke_without_command=True)
@click.option("--address", metavar="HOST:PORT", default="", help="Of another daemon than your own.")
@click.option("--token-file", metavar="FILE", type=_FILE, help="Its token.")
@click.option("--tls-authority", metavar="PEM", type=_FILE, help="Who signed its certificate.")
@click.option("--tls-certificate", metavar="PEM", type=_FILE, help="Your certificate.")
@click.option("--tls-key", metavar="PEM", type=_FILE, help="Your certificate's key.")
@click.pass_context
def jobs(
    context: click.Context,
    address: str,
    token_file: Path | None,
    tls_authority: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
) -> None:
    """The jobs of the daemon that `plosive serve` runs. Without a command: list them.

    An ID may be cut to its last letters, as long as it means one job.
    """
    context.obj = Reach(address, token_file, tls_authority, tls_certificate, tls_key)
    if context.invoked_subcommand is None:
        context.invoke(list_jobs)


@jobs.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in JobState if state is not JobState.UNSPECIFIED]),
    help="Only jobs in this state; may be given again.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many."
)
@_JSON
def list_jobs(states: tuple[str, ...] = (), limit: int = 50, as_json: bool = False) -> None:
    """Jobs, newest first."""
    with asked() as client:
        found = list(client.jobs(states=[JobState(state) for state in states], limit=limit))
    if as_json:
        print_json([to_json(job) for job in found])
    else:
        click.echo("\n".join(job_table(found)) if found else "There are no jobs.")


@jobs.command()
@_ID
@_JSON
def show(job_ids: tuple[str, ...], as_json: bool) -> None:
    """All that is known of jobs."""
    with asked() as client:
        found = [client.job(_whole_id(client, job_id)) for job_id in job_ids]
    if as_json:
        print_json([to_json(job) for job in found])
    else:
        click.echo("\n\n".join("\n".join(job_lines(job)) for job in found))


@jobs.command()
@click.argument("job_id", metavar="ID")
@click.option(
    "--after", "after_sequence", type=click.IntRange(0), default=0, help="Take up after this event."
)
@_JSON
def watch(job_id: str, after_sequence: int, as_json: bool) -> int:
    """Follow a job to its end. Exit code 1 when it is not done, 3 when some shots of a reel failed; Ctrl-C
    ends the watching only.
    """
    with asked() as client:
        return watched(client, _whole_id(client, job_id), after_sequence, as_json)


@jobs.command()
@_ID
@_JSON
def cancel(job_ids: tuple[str, ...], as_json: bool) -> None:
    """Stop jobs that wait or run."""
    with asked() as client:
        _tell([client.cancel(_whole_id(client, job_id)) for job_id in job_ids], as_json)


@jobs.command()
@_ID
@_JSON
def retry(job_ids: tuple[str, ...], as_json: bool) -> None:
    """Put failed or cancelled jobs into the queue again; each takes up where it stopped."""
    with asked(is_started=True) as client:
        _tell([client.retry(_whole_id(client, job_id)) for job_id in job_ids], as_json)


@jobs.command()
@_ID
def remove(job_ids: tuple[str, ...]) -> None:
    """Forget ended jobs, with their logs. Results stay."""
    with asked() as client:
        for job_id in job_ids:
            client.remove(_whole_id(client, job_id))


@jobs.command()
@click.argument("job_id", metavar="ID")
@click.option(
    "--lines", type=click.IntRange(1, 10_000), default=200, show_default=True, help="The last so many."
)
def logs(job_id: str, lines: int) -> None:
    """The log of a job."""
    with asked() as client:
        for line in client.log(_whole_id(client, job_id), last_lines=lines):
            click.echo(line)


@jobs.command()
@click.argument("media")
@click.argument("dub")
@click.argument("out")
@click.option("--range", "frame_range", metavar="FIRST-LAST", help="Sync these frames; default: all.")
@click.option(
    "--handles", type=click.IntRange(0, 10_000), metavar="N", help="OUT holds the range and N more."
)
@click.option("--rate", metavar="FPS", help="Of an image sequence, such as 24 or 24000/1001.")
@click.option(
    "--dub-start", metavar="SECONDS", help="When the dub begins, after the first frame of the media."
)
@click.option("--transcript", metavar="FILE", help="The words of the dub.")
@click.option("--language", metavar="CODE", default="", help="Such as de or pt-BR.")
@click.option("--face", metavar="WHO", default="", help="A number, name or place, as for `plosive sync`.")
@click.option("--generator", metavar="NAME", default="", help="What makes the mouth; default: plate.")
@click.option("--elements", metavar="DIR", help="Write layers for compositing here.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0)
@click.option("--overwrite", is_flag=True, help="Replace a result that is there.")
@click.option("--score", "is_scored", is_flag=True, help="Score the result.")
@click.option("--label", default="", help="Shown in lists; default: the name of OUT.")
@click.option("--priority", type=click.IntRange(0, 100), default=None, help="Higher goes first; default: 50.")
@click.option("--device", default="", metavar="NAME", help="cpu, cuda or cuda:N; default: what is best.")
@click.option("--key", default="", metavar="TEXT", help="The same key and request: the same job.")
@click.option("--watch", "is_watched", is_flag=True, help="Follow it to its end.")
@_JSON
def submit(
    media: str,
    dub: str,
    out: str,
    frame_range: str | None,
    handles: int | None,
    rate: str | None,
    dub_start: str | None,
    transcript: str | None,
    language: str,
    face: str,
    generator: str,
    elements: str | None,
    seed: int,
    overwrite: bool,
    is_scored: bool,
    label: str,
    priority: int | None,
    device: str,
    key: str,
    is_watched: bool,
    as_json: bool,
) -> int:
    """Put a job into the queue: the mouth in MEDIA shall say DUB, the result goes to OUT.

    Starts the daemon when none runs. Prints the job's ID.
    """
    clip = ClipRange(
        os.path.abspath(media),
        _frames(frame_range) if frame_range else None,
        fraction_given(rate, "--rate") if rate else None,
        handles,
    )
    voice = Voice(
        os.path.abspath(dub),
        dub_start_seconds=fraction_given(dub_start, "--dub-start") if dub_start else None,
        transcript_path=os.path.abspath(transcript) if transcript else "",
        language=language,
        face=face,
    )
    wanted = SyncRequest(
        clip,
        (voice,),
        Output(os.path.abspath(out), overwrite=overwrite),
        generator=generator,
        seed=seed,
        elements=Elements(os.path.abspath(elements)) if elements else None,
        score=is_scored,
    )
    with asked(is_started=True) as client:
        job = client.submit(
            wanted,
            label=label or os.path.basename(out),
            priority=priority,
            device=device,
            idempotency_key=key,
        )
        return followed(client, job, is_watched=is_watched, as_json=as_json)


jobs.add_command(conform)


def _whole_id(client: Client, given: str) -> str:
    """The job whose id ends as `given` does; a whole id is not looked up."""
    if len(given) >= 26:
        return given
    found = [job.id for job in client.jobs() if job.id.endswith(given.upper()) or job.id.endswith(given)]
    if len(found) > 1:
        raise click.ClickException(f"{given} may mean {len(found)} jobs; write more letters of its end.")
    return found[0] if found else given


def _tell(found: list[Job], as_json: bool) -> None:
    if as_json:
        print_json([to_json(job) for job in found])
    else:
        click.echo("\n".join(job_table(found)))


def _frames(given: str) -> FrameRange:
    first, dash, last = given[1:].partition("-")
    try:
        if not dash:
            return FrameRange(int(given), int(given))
        return FrameRange(int(given[0] + first), int(last))
    except ValueError:
        raise click.UsageError(f"--range is FIRST-LAST, such as 1001-1096, not '{given}'.") from None
