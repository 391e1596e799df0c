# SPDX-License-Identifier: Apache-2.0
"""Jobs through workers: done, failed, cancelled, died, cut off; nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plosive.errors import JobCancelled, MediaWriteError
from plosive_daemon.job import JobProgress, JobState
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.workers.failures import CallFailed
from plosive_daemon.workers.interactive import InteractiveWorker

from .conftest import FAKE, Workshop, children_of, is_alive, open_workshop

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
Make = Callable[..., Workshop]


def test_a_job_is_done_and_leaves_only_its_result(workshop: Workshop) -> None:
    job = workshop.ended(workshop.submit(frames=7))
    assert job.state is JobState.DONE and job.attempts == 1
    assert job.result is not None and job.result.frames_total == 7
    assert Path(job.result.out_path).read_bytes() == bytes(range(7))
    assert job.progress.stage == "render" and job.progress.frames_done == 7
    assert job.progress.device == "cpu"
    assert workshop.partials == [] and not (workshop.scratch / job.id / "journal").exists()
    assert "Done." in workshop.logs.last_lines(job.id, 10)[-1]


def test_jobs_go_one_after_the_other_in_one_worker(workshop: Workshop) -> None:
    ids = [workshop.submit(f"{number}.bin") for number in range(5)]
    jobs = [workshop.ended(job_id) for job_id in ids]
    assert all(job.state is JobState.DONE for job in jobs)
    assert len({job.warnings for job in jobs}) == 1


def test_an_expected_failure_is_one_sentence(workshop: Workshop) -> None:
    job = workshop.ended(workshop.submit(what="unreadable", at=3))
    assert job.state is JobState.FAILED and job.error is not None and job.attempts == 1
    assert (job.error.code, job.error.is_retryable) == ("MEDIA_READ", False)
    assert job.error.sentence == "The plate plate.mov cannot be read: damaged at frame 3."
    assert workshop.partials == []


def test_a_defect_is_a_traceback_in_the_log(workshop: Workshop) -> None:
    job = workshop.ended(workshop.submit(what="defect"))
    assert job.error is not None and job.error.code == "INTERNAL" and "KeyError" in job.error.sentence
    assert any("Traceback" in line for line in workshop.logs.last_lines(job.id, 50))


def test_a_worker_that_dies_once_is_forgiven(workshop: Workshop, tmp_path: Path) -> None:
    job = workshop.ended(workshop.submit(frames=9, what="die", at=6, once=str(tmp_path / "once")))
    assert job.state is JobState.DONE and job.attempts == 2
    assert job.result is not None and job.result.notes == ("6 frames were taken up.",)
    assert any("SIGKILL" in sentence and "tried again" in sentence for sentence in job.warnings)
    assert workshop.partials == []


def test_a_worker_that_dies_twice_fails_the_job_and_the_next_one_goes_on(workshop: Workshop) -> None:
    bad, good = workshop.submit(what="crash", at=2), workshop.submit("b.bin")
    job = workshop.ended(bad)
    assert job.state is JobState.FAILED and job.attempts == 2
    assert job.error is not None and job.error.code == "WORKER_DIED" and job.error.is_retryable
    assert "SIGSEGV" in job.error.sentence
    assert any("the last words" in line for line in workshop.logs.last_lines(bad, 50))
    assert workshop.partials == []
    assert (workshop.scratch / bad / "journal").is_dir(), "a later retry goes on"
    assert workshop.ended(good).state is JobState.DONE


def test_a_failed_job_that_is_retried_goes_on_where_it_stopped(workshop: Workshop, tmp_path: Path) -> None:
    once = str(tmp_path / "once")
    job_id = workshop.submit(frames=8, what="unreadable", at=5, once=once)
    assert workshop.ended(job_id).state is JobState.FAILED
    workshop.store.requeue(job_id)
    job = workshop.ended(job_id)
    assert job.result is not None and job.result.notes == ("5 frames were taken up.",)


@LINUX
def test_killed_workers_at_random_moments(workshop: Workshop) -> None:
    """Short form; the long one is 20 kills (see the issue)."""
    chance = random.Random(5)
    for number in range(3):
        job_id = workshop.submit(f"{number}.bin", frames=60, seconds=0.005, child=True)
        _, pid = workshop.at_work(job_id)
        time.sleep(chance.random() * 0.2)
        os.kill(pid, signal.SIGKILL)
        job = workshop.ended(job_id)
        assert job.state is JobState.DONE and job.attempts <= 2
        assert Path(workshop.out / f"{number}.bin").read_bytes() == bytes(range(60))
        assert workshop.partials == [] and children_of(pid) == []


@LINUX
@pytest.mark.parametrize("what", ["", "hang"])
def test_cancel_answers_in_a_second_and_leaves_nothing(workshop: Workshop, what: str) -> None:
    chance = random.Random(6)
    for number in range(2):
        job_id = workshop.submit(
            f"{number}.bin",
            frames=500,
            seconds=0.01,
            child=True,
            what=what,
            at=5,
            elements=str(workshop.out / "layers"),
        )
        _, pid = workshop.at_work(job_id)
        time.sleep(chance.random() * 0.1)
        assert workshop.cancel(job_id) < 1.0
        job = workshop.store.get(job_id)
        assert job.state is JobState.CANCELLED and job.error is None
        assert list(workshop.out.iterdir()) == []
        assert not (workshop.scratch / job_id / "journal").exists()
        if what == "hang":
            assert not is_alive(pid) and children_of(pid) == []
    assert workshop.ended(workshop.submit()).state is JobState.DONE


def test_cancel_of_a_waiting_and_of_an_ended_job(workshop: Workshop) -> None:
    first = workshop.submit(frames=100, seconds=0.01)
    second = workshop.submit("b.bin")
    workshop.at_work(first)
    assert workshop.cancel(second) < 0.5
    assert workshop.store.get(second).state is JobState.CANCELLED
    workshop.cancel(first)
    workshop.cancel(first)
    assert workshop.store.get(first).state is JobState.CANCELLED


def test_a_worker_that_hangs_is_ended(workshop_of: Make, tmp_path: Path) -> None:
    shop = workshop_of(worker_silence_seconds=1.0)
    job = shop.ended(shop.submit(what="hang", at=2, once=str(tmp_path / "once")))
    assert job.state is JobState.DONE and job.attempts == 2
    assert any("said nothing for 1 s" in sentence for sentence in job.warnings)
    assert shop.partials == []


def test_floods_of_print_are_harmless_and_bounded(workshop_of: Make) -> None:
    shop = workshop_of(job_log_bytes=64 << 10)
    job = shop.ended(shop.submit(what="flood", at=2, flood_seconds=0.4))
    assert job.state is JobState.DONE
    files = list((shop.scratch.parent / "logs").iterdir())
    assert 0 < sum(file.stat().st_size for file in files) <= (64 << 10) + 8_000
    assert any("a print of a library" in line for line in shop.logs.last_lines(job.id, 10_000))


def test_floods_of_messages_are_bounded(workshop: Workshop) -> None:
    job = workshop.ended(workshop.submit(what="chatter", at=2), seconds=60.0)
    assert job.state is JobState.DONE and 400 < len(job.warnings) <= 1000


def test_a_full_disk_ends_the_job(workshop_of: Make) -> None:
    is_full = threading.Event()

    def check(folders: tuple[Path, ...]) -> None:
        if is_full.is_set() and folders:
            error = MediaWriteError("The disk of the result is full; free 2 GB.")
            raise error from OSError(28, "No space left on device")

    shop = workshop_of(check_disks=check)
    job_id = shop.submit(frames=500, seconds=0.01)
    shop.at_work(job_id)
    is_full.set()
    job = shop.ended(job_id)
    assert job.state is JobState.FAILED and job.error is not None
    assert (job.error.code, job.error.is_retryable) == ("DISK_FULL", True)
    assert job.error.sentence == "The disk of the result is full; free 2 GB."
    assert shop.partials == [] and (shop.scratch / job_id / "journal").is_dir()


@LINUX
def test_stopping_the_pool_puts_the_job_back_and_ends_all_processes(tmp_path: Path) -> None:
    before = set(threading.enumerate())  # of other tests in this process
    shop = open_workshop(tmp_path)
    shop.pool.start()
    job_id = shop.submit(frames=100, seconds=0.01, child=True)
    _, pid = shop.at_work(job_id, frames=5)
    begun = time.monotonic()
    shop.pool.stop(10.0)
    assert time.monotonic() - begun < 5.0
    job = shop.store.get(job_id)
    assert job.state is JobState.WAITING and job.attempts == 0
    assert not is_alive(pid) and children_of(pid) == [] and shop.partials == []
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not any(name.startswith("plosive-") for name in left), left
    again = open_workshop(tmp_path)
    again.pool.start()
    done = again.ended(job_id)
    again.pool.stop(10.0)
    assert done.result is not None and not done.result.notes[0].startswith("0 ")


def test_workers_are_replaced_after_so_many_jobs(workshop_of: Make) -> None:
    shop = workshop_of(jobs_per_worker=2)
    jobs = [shop.ended(shop.submit(f"{number}.bin")) for number in range(4)]
    assert len({job.warnings for job in jobs}) == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="told on Linux only")
def test_workers_that_grow_are_replaced_between_jobs(workshop_of: Make) -> None:
    """One that says after a job that it holds more than it may."""
    few, many = (workshop_of(worker_bytes=limit) for limit in (1 << 20, 1 << 40))
    for shop, count in ((few, 3), (many, 1)):
        jobs = [shop.ended(shop.submit(f"{number}.bin")) for number in range(3)]
        assert all(job.state is JobState.DONE for job in jobs)
        assert len({job.warnings[-1] for job in jobs}) == count, "processes that did the three jobs"


def test_a_worker_that_cannot_be_started_is_tried_again_and_told(workshop_of: Make) -> None:
    shop = workshop_of(command=(sys.executable, "-c", "import sys; sys.exit('no library')"))
    job_id = shop.submit()
    deadline = time.monotonic() + 40.0
    while not shop.pool.problems() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "no library" in shop.pool.problems()[0] and "status 1" in shop.pool.problems()[0]
    assert shop.store.get(job_id).state is JobState.WAITING


def test_a_worker_that_talks_nonsense_is_ended(workshop_of: Make) -> None:
    shop = workshop_of(command=(sys.executable, "-c", "print('x' * 10_000_000); input()"))
    deadline = time.monotonic() + 40.0
    while not shop.pool.problems() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "nobody understands" in shop.pool.problems()[0]


def test_a_job_for_a_device_that_is_not_here_fails(workshop: Workshop) -> None:
    job, _ = workshop.store.add(b"{}", device="cuda:3")
    ended = workshop.ended(job.id)
    assert ended.error is not None and ended.error.code == "DEPENDENCY"
    assert "cuda:3" in ended.error.sentence and ended.attempts == 0


def test_a_call_tells_progress_and_answers(workshop: Workshop) -> None:
    told: list[JobProgress] = []
    answer = workshop.pool.call("faces", {"frames": 40, "seconds": 0.02}, told.append)
    assert answer["counted"] == 40
    assert told[0].stage == "faces" and told[-1].frames_done == 40 and told[-1].frames_total == 40
    assert told[0].seconds_left < 0 and told[-1].seconds_left == 0
    workshop.pool.call("devices", {})
    assert workshop.pool.devices()[0].label == "a processor"


def test_a_call_that_fails_dies_or_is_cancelled(workshop: Workshop) -> None:
    with pytest.raises(CallFailed, match="cannot be read") as failed:
        workshop.pool.call("faces", {"frames": 1, "what": "fail"})
    assert failed.value.code == "MEDIA_READ"
    with pytest.raises(CallFailed) as died:
        workshop.pool.call("faces", {"frames": 1, "what": "die"})
    assert died.value.code == "WORKER_DIED"
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(JobCancelled):
        workshop.pool.call("faces", {"frames": 1000, "seconds": 0.05}, cancelled=cancelled)
    assert time.monotonic() - begun < 10.0
    assert workshop.pool.call("faces", {"frames": 1})["counted"] == 1


def test_a_call_that_takes_too_long_ends(workshop_of: Make) -> None:
    shop = workshop_of(interactive_seconds=1.5)
    shop.pool.call("devices", {})
    with pytest.raises(CallFailed, match="longer than") as failed:
        shop.pool.call("faces", {"frames": 1000, "seconds": 0.05})
    assert failed.value.code == "BUSY"


@LINUX
def test_nothing_outlives_a_daemon_that_is_killed(tmp_path: Path, repository: Path) -> None:
    """The daemon here is a process with a pool; its worker, and what that started, go; no partial file."""
    import subprocess

    script = tmp_path / "daemon.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "from pathlib import Path\n"
        "from workers.conftest import open_workshop\n"
        "shop = open_workshop(Path(sys.argv[1]))\n"
        "shop.pool.start()\n"
        "job = shop.submit(frames=2000, seconds=0.01, child=True)\n"
        "print(shop.at_work(job)[1], flush=True)\n"
        "time.sleep(60)\n"
    )
    daemon = subprocess.Popen([sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    pid = int(daemon.stdout.readline())
    assert len(children_of(pid)) == 2
    daemon.kill()
    daemon.wait()
    deadline = time.monotonic() + 5.0
    while children_of(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert children_of(pid) == []
    assert list((tmp_path / "out").iterdir()) == []
    daemon.stdout.close()
    shop = open_workshop(tmp_path)
    assert len(shop.store.recover()) == 1
    shop.store.close()


@LINUX
def test_lost_workers_are_replaced_at_once_while_jobs_are_cancelled(workshop: Workshop) -> None:
    """Each cancel of a job that does not listen costs a worker: no reason to wait longer and longer."""
    begun = time.monotonic()
    for number in range(5):
        job_id = workshop.submit(f"{number}.bin", frames=10, what="hang")
        workshop.wait(job_id, lambda job: job.state is JobState.RUNNING and bool(job.warnings))
        workshop.cancel(job_id)
    assert workshop.ended(workshop.submit()).state is JobState.DONE
    assert time.monotonic() - begun < 20.0


def test_what_takes_long_holds_up_nobody(workshop: Workshop) -> None:
    """A score has a worker of its own, started when it is asked for."""
    cancelled, told = threading.Event(), threading.Event()
    ends: list[BaseException] = []

    def score() -> None:
        try:
            wish = {"frames": 100_000, "seconds": 0.05}
            workshop.pool.call("score", wish, lambda progress: told.set(), cancelled=cancelled)
        except JobCancelled as error:
            ends.append(error)

    thread = threading.Thread(target=score)
    thread.start()
    assert told.wait(30)
    motion = workshop.pool.call("motion", {"frames": 1})
    cancelled.set()
    thread.join(10)
    assert len(ends) == 1
    assert workshop.pool.call("score", {"frames": 1})["pid"] != motion["pid"]


def test_work_ahead_makes_way_and_an_idle_worker_goes() -> None:
    settings = DaemonSettings(cancel_seconds=0.2)
    worker = InteractiveWorker("cpu", settings, FAKE, name="long", idle_seconds=0.2)
    worker.start()
    try:
        for _ in range(2):  # one is enough: the second is dropped
            worker.begin("faces", {"frames": 100_000, "seconds": 0.05})
        first = worker.call("score", {"frames": 1})
        deadline = time.monotonic() + 30
        while is_alive(first["pid"]) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_alive(first["pid"]), "it is let go of when nobody asks"
        assert worker.call("score", {"frames": 1})["pid"] != first["pid"], "and started again"
    finally:
        worker.stop()
        assert worker.join(30)
