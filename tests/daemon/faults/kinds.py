# SPDX-License-Identifier: Apache-2.0
"""The faults: each comes at a random moment, and raises AssertionError where something was lost or is untrue.

Each function takes a fresh folder and a seed, and returns what happened, in a few words.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from plosive_client import Client, Job, JobState, PlosiveClientError

from .damage import both_damaged, power_cut, queue_damaged
from .shop import FRAME_BYTES, JOBS, Shop, Submitter

__all__ = ["KINDS", "Fault"]

Fault = Callable[[Path, int], str]


def daemon_killed(folder: Path, seed: int) -> str:
    """kill -9 of the daemon while it takes jobs, works, and is watched."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        submitter = Submitter(shop, client)
        submitter.start()
        first = shop.submit(client, "watched")
        events = []
        watcher = threading.Thread(target=lambda: events.extend(client.watch(first.id)), daemon=True)
        watcher.start()
        shop.moment(client, first.id, 2.0)
        shop.kill()
        shop.require_no_orphans()
        shop.require_whole_files()
        shop.start().close()
        submitter.join(120)
        watcher.join(120)
        assert not watcher.is_alive() and events[-1].job is not None and events[-1].job.state.is_ended
        sequences = [event.sequence for event in events]
        assert sequences == sorted(set(sequences)), f"events twice or out of order: {sequences}"
        jobs = {job.label: job for job in client.jobs()}
        assert set(submitter.acknowledged) <= set(jobs), "a job that was taken is gone"
        ended = [shop.wait(client, job.id) for job in jobs.values()]
        shop.require_true(ended)
        assert all(job.state is JobState.DONE for job in ended), ended
        shop.require_no_partials()
        shop.stop()
        return f"{len(ended)} done, tries {[job.attempts for job in ended]}"


def worker_killed(folder: Path, seed: int) -> str:
    """kill -9 of the process that works, once or twice."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        job, other = shop.submit(client, "shot"), shop.submit(client, "other")
        kills = shop.random.choice((1, 1, 2))
        killed: set[int] = set()
        for _ in range(kills):
            shop.moment(client, job.id)
            for pid in shop.processes("quick_worker.py"):
                if pid not in killed:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                    killed.add(pid)
        ended = [shop.wait(client, each.id) for each in (job, other)]
        shop.require_true(ended)
        for each in ended:
            if each.state is not JobState.DONE:
                assert kills == 2 and each.error is not None and each.error.code.value == "WORKER_DIED", each
        shop.require_no_partials()
        shop.stop()
        return f"{kills} times: {', '.join(f'{e.state.value} in {e.attempts}' for e in ended)}"


_CLIENT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from plosive_client import ClipRange, Output, SyncRequest, Voice, connect
place = Path(sys.argv[2])
with connect(is_started=False, client_name="doomed") as client:
    print("ready", flush=True)
    for number in range(3):
        voice = Voice(str(place / "media/dub.wav"), transcript="5")
        wanted = SyncRequest(
            ClipRange(str(place / "media/shot.mov")), (voice,), Output(str(place / f"out/shot{number}.mov"))
        )
        job = client.submit(wanted, label=f"shot{number}", idempotency_key=f"shot{number}")
        print(job.id, flush=True)
    for event in client.watch(job.id):
        pass
    print("end", flush=True)
"""


def client_killed(folder: Path, seed: int) -> str:
    """kill -9 of a client that submits and watches; a second one takes up with the same keys."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        plate = shop.plate("shot", 30)
        for number in range(3):
            shutil.copy(plate, shop.media / f"shot{number}.mov")
        command = [sys.executable, "-c", _CLIENT, str(Path(__file__).parents[3] / "plugin"), str(folder)]
        doomed = subprocess.Popen(command, stdout=subprocess.PIPE, env=shop.environment, text=True)
        assert doomed.stdout is not None and doomed.stdout.readline() == "ready\n"
        time.sleep(shop.random.uniform(0.0, 0.3))
        doomed.kill()
        acknowledged = [line.strip() for line in doomed.stdout.read().splitlines() if len(line) > 20]
        doomed.stdout.close()
        doomed.wait(30)
        assert set(acknowledged) <= {job.id for job in client.jobs()}, "a job that was taken is gone"
        again = subprocess.run(command, capture_output=True, env=shop.environment, text=True, timeout=120)
        ids = again.stdout.split()
        assert ids[-1] == "end", again.stderr
        assert ids[1 : 1 + len(acknowledged)] == acknowledged, "the same key gave another job"
        jobs = list(client.jobs())
        assert sorted(job.label for job in jobs) == ["shot0", "shot1", "shot2"]
        ended = [shop.wait(client, job.id) for job in jobs]
        assert all(job.state is JobState.DONE for job in ended), ended
        shop.require_true(ended)
        shop.require_no_partials()
        shop.stop()
        return f"killed after {len(acknowledged)} of 3 answers"


def unreadable(folder: Path, seed: int) -> str:
    """An input goes, is cut short, or becomes a folder, after the job was taken."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        plate = shop.plate("shot", 40)
        whole = plate.read_bytes()
        job, other = shop.submit(client, "shot"), shop.submit(client, "other")
        shop.moment(client, job.id)
        how = shop.random.choice(("gone", "cut", "folder"))
        plate.unlink()
        if how == "cut":
            plate.write_bytes(whole[: shop.random.randrange(len(whole))])
        elif how == "folder":
            plate.mkdir()
        ended = shop.wait(client, job.id)
        if plate.is_dir():
            plate.rmdir()
        plate.write_bytes(whole)
        if ended.state is JobState.FAILED:
            assert ended.error is not None and ended.error.code.value in ("MEDIA_READ", "PATH_REFUSED"), ended
            assert not (shop.out / "shot.mov").exists()
            client.retry(job.id)
        second = shop.wait(client, job.id)
        if how != "cut":  # one that was cut before it was opened is a shorter plate, and done
            assert second.state is JobState.DONE, second
            shop.require_true([second])
        assert shop.wait(client, other.id).state is JobState.DONE
        shop.require_no_partials()
        shop.stop()
        return f"{how}: {ended.state.value}, then {second.state.value}"


def clock_jumps(folder: Path, seed: int) -> str:
    """The time of day is set back and forth by minutes to years."""
    with closing(Shop(folder, seed)) as shop, shop.start() as client:
        ids = []
        for number in range(JOBS):
            ids.append(shop.submit(client, f"shot{number}", 20).id)
            days = shop.random.choice((-3650, -400, -1, 1, 400))
            shop.clock.write_text(str(days * 86_400 + shop.random.randrange(-3_600, 3_600)))
            time.sleep(shop.random.uniform(0.0, 0.2))
        assert ids == sorted(set(ids)), "ids do not rise"
        is_restarted = shop.random.random() < 0.5
        if is_restarted:
            shop.kill()
            shop.require_no_orphans()
            shop.start().close()
        ended = [shop.wait(client, job_id) for job_id in ids]
        assert all(job.state is JobState.DONE for job in ended), ended
        assert [job.id for job in client.jobs()] == ids[::-1], "lists are out of order"
        shop.require_true(ended)
        shop.require_no_partials()
        shop.stop()
        return "restarted between" if is_restarted else "in one run"


def disk_full(folder: Path, seed: int) -> str:
    """The disk of the results fills up under the jobs, for every other seed that of the state, too. `folder`
    must be a small disk of its own (12 MB): the fault fills it.
    """
    state = Path(tempfile.mkdtemp(prefix="state-")) if seed % 2 else None
    with closing(Shop(folder, seed, state=state)) as shop, shop.start() as client:
        for number in range(JOBS):
            shop.plate(f"shot{number}", 40)
        ballast = folder / "ballast"
        left = shop.random.randrange(0, 3 * 40 * FRAME_BYTES)
        fills_at = shop.random.randrange(JOBS)
        refused, taken = 0, []
        for number in range(JOBS):
            if number == fills_at:
                _fill(ballast, left)
            try:
                taken.append(shop.submit(client, f"shot{number}"))
            except PlosiveClientError as error:
                assert error.detail.code.value == "DISK_FULL", repr(error)
                refused += 1
        ended = [_ended_or_held_up(shop, client, job.id) for job in taken]
        failed = [job for job in ended if job.state is JobState.FAILED]
        for job in failed:
            assert job.error is not None and job.error.code.value in ("DISK_FULL", "MEDIA_WRITE"), job
        held_up = sum(not job.state.is_ended for job in ended)
        shop.require_whole_files()
        ballast.unlink()
        for job in taken:  # what could not be written down is written once there is room
            if shop.wait(client, job.id).state is JobState.FAILED:
                client.retry(job.id)
        done = [shop.wait(client, job.id) for job in taken]
        assert all(job.state is JobState.DONE for job in done), done
        shop.require_true(done)
        shop.require_no_partials()
        shop.stop()
        if state is not None:
            shutil.rmtree(state)
        full = "results" if seed % 2 else "results and state"
        return f"{left} bytes left for {full}: {refused} refused, {len(failed)} failed, {held_up} held up"


def _ended_or_held_up(shop: Shop, client: Client, job_id: str) -> Job:
    try:
        return shop.wait(client, job_id, 8.0)
    except AssertionError:
        return client.job(job_id)


def _fill(ballast: Path, left_bytes: int) -> None:
    """All of the disk but `left_bytes`."""
    free = shutil.disk_usage(ballast.parent).free
    with suppress(OSError), ballast.open("wb") as file:
        while free > left_bytes:
            step = min(1 << 16, free - left_bytes)
            file.write(bytes(step))
            file.flush()
            free -= step


KINDS: dict[str, Fault] = {
    each.__name__: each
    for each in (
        daemon_killed,
        worker_killed,
        client_killed,
        power_cut,
        unreadable,
        clock_jumps,
        queue_damaged,
        both_damaged,
        disk_full,
    )
}
