#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sets Plosive up in .venv when that is needed, then runs it.

    python run.py demo               make a sample plate, sync it, say where the results are
    python run.py test [PYTEST ...]  check style and types, then run the tests
    python run.py plosive ARGS ...   the plosive command itself

The set-up (a virtual environment, the packages of requirements/lock.txt, this project) is done once and
again only when the lock, pyproject.toml, the Python version or the folder's place changes.

Only the standard library is used. There are no annotations and no f-strings: any Python, however old, must
be able to read this file in order to say which one is needed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
ENVIRONMENT = os.path.join(ROOT, ".venv")
MARKER = os.path.join(
    ENVIRONMENT, "plosive-setup.txt"
)  # 'unfinished', or what the finished set-up was made from
LOG = os.path.join(ENVIRONMENT, "plosive-setup.log")
GUARD = os.path.join(ENVIRONMENT, "plosive-setup.lock")  # held by the run.py that is setting up
LOCK_FILE = os.path.join(ROOT, "requirements", "lock.txt")
PROJECT_FILE = os.path.join(ROOT, "pyproject.toml")
UNFINISHED = "unfinished"
PATIENCE = (
    "Setting up Plosive in .venv: once, a few minutes, 1 to 7 GB on disk depending on the system's torch."
)


class SetupError(Exception):
    """Set-up cannot go on; the message is one sentence for the user."""


def main(arguments):
    """The exit code of what was asked for; 2 when it could not be started."""
    sentence = unsupported_python(sys.version_info) or unsupported_machine()
    if sentence is None and (not arguments or arguments[0] not in ("demo", "test", "plosive")):
        asked_for_help = arguments[:1] in (["-h"], ["--help"])
        (sys.stdout if asked_for_help else sys.stderr).write(__doc__.split("\n\n")[1].rstrip() + "\n")
        return 0 if asked_for_help else 2
    try:
        if sentence is not None:
            raise SetupError(sentence)
        set_up()
    except SetupError as error:
        sys.stderr.write("{}\n".format(error))
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nSet-up was stopped; the next run starts it again.\n")
        return 130
    if arguments[0] == "test":
        return run_tests(arguments[1:])
    return call([environment_python(), "-m", "plosive.cli"] + arguments[arguments[0] == "plosive" :])


def unsupported_python(version):
    """A sentence when this Python cannot run Plosive, else None."""
    if (3, 10) <= tuple(version[:2]) < (3, 13):
        if sys.maxsize > 2**32:
            return None
        return "Plosive needs a 64-bit Python; this one is 32-bit."
    this = ".".join(str(part) for part in version[:3])
    example = "py -3.11 run.py demo" if os.name == "nt" else "python3.11 run.py demo"
    return (
        "Plosive needs Python 3.10, 3.11 or 3.12, and this is {}: use one of those, for example `{}`.".format(
            this, example
        )
    )


def unsupported_machine():
    """A sentence when MediaPipe or PyTorch, which Plosive needs, do not exist for this machine, else None."""
    system, machine = platform.system(), platform.machine().lower()
    if system == "Linux":
        libc, release = platform.libc_ver()
        if machine not in ("x86_64", "amd64"):
            return "Plosive runs on x86-64 Linux only, not {}: MediaPipe 0.10.21 has no build for it.".format(
                machine
            )
        if libc != "glibc":
            return "Plosive needs a Linux with glibc 2.28 or later; its packages have no builds for musl."
        if tuple(int(part) for part in release.split(".")[:2]) < (2, 28):
            return "Plosive needs a Linux with glibc 2.28 or later, and this one has {}.".format(release)
    elif system == "Darwin":
        release = platform.mac_ver()[0]
        if machine != "arm64":
            return (
                "Plosive runs on Macs with Apple silicon only: PyTorch 2.13 has no build for Intel Macs"
                " (on Apple silicon, use an arm64 Python rather than one under Rosetta)."
            )
        if release.split(".")[0] in ("11", "12", "13"):
            return "Plosive needs macOS 14 or later (PyAV has no build for {}).".format(release)
    elif system == "Windows":
        if machine not in ("amd64", "x86_64"):
            return (
                "Plosive runs on x86-64 Windows only, not {}: MediaPipe 0.10.21 has no build for it.".format(
                    machine
                )
            )
    else:
        return "Plosive runs on Linux, macOS and Windows, not on {}.".format(system)
    return None


def set_up():
    """Makes .venv what the lock says, unless it is so already. Raises SetupError."""
    if read(MARKER) == fingerprint():
        return
    if read(MARKER) is None and others_in_environment():
        raise SetupError(
            "{} was not made by run.py; move it away, or install into it yourself with"
            " `pip install -r requirements/lock.txt` and `pip install --no-deps -e .`.".format(ENVIRONMENT)
        )
    if os.path.realpath(sys.prefix) == ENVIRONMENT:
        raise SetupError("Run run.py with your own Python, not with the one in .venv, which it is to set up.")
    with exclusive():
        wanted = fingerprint()
        if read(MARKER) == wanted:  # another run.py did it while this one waited
            return
        sys.stderr.write(PATIENCE + "\n")
        found = read(MARKER)
        write(MARKER, UNFINISHED)
        write(LOG, "")
        if found is None or found == UNFINISHED or found.split()[0] != wanted.split()[0]:
            empty_environment()
            step("making the environment", [sys.executable, "-m", "venv", ENVIRONMENT])
        pip = [environment_python(), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        step("installing the packages of requirements/lock.txt", pip + ["-r", LOCK_FILE])
        step("installing Plosive itself", pip + ["--no-deps", "--no-build-isolation", "-e", ROOT])
        write(MARKER, wanted)
        sys.stderr.write("Set up.\n")


def fingerprint():
    """What a finished set-up is made from: the Python and folder it is for, then the packages' hash."""
    place = "{} {} {} {}".format(sys.version_info[0], sys.version_info[1], sys.base_prefix, ROOT)
    packages = hashlib.sha256()
    for path in (LOCK_FILE, PROJECT_FILE):
        with open(path, "rb") as file:
            packages.update(file.read().replace(b"\r\n", b"\n"))
    return "{} {}".format(hashlib.sha256(place.encode("utf-8")).hexdigest(), packages.hexdigest())


def empty_environment():
    """Removes everything in .venv but what tells that it is run.py's own."""
    for path in others_in_environment():
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


def others_in_environment():
    """What lies in .venv beside run.py's own three files."""
    names = os.listdir(ENVIRONMENT) if os.path.isdir(ENVIRONMENT) else []
    return [
        path
        for path in (os.path.join(ENVIRONMENT, name) for name in names)
        if path not in (MARKER, LOG, GUARD)
    ]


def step(title, command):
    """Runs one command of the set-up, its output to the log. Raises SetupError with the log's place."""
    on_terminal = sys.stderr.isatty()
    sys.stderr.write("  {} ...\n".format(title))
    last_error = None
    with open(LOG, "ab") as log:
        log.write("\n$ {}\n".format(" ".join(command)).encode("utf-8"))
        try:
            process = subprocess.Popen(
                command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise SetupError("Set-up failed while {}: {}".format(title, error))
        for line in process.stdout:
            log.write(line)
            text = line.decode("utf-8", "replace").strip()
            if text.startswith(("ERROR:", "Error:")):
                last_error = last_error or text.split(":", 1)[1].strip()
            if on_terminal:
                sys.stderr.write("\r    {:<74}".format(text[:74]))
                sys.stderr.flush()
        code = process.wait()
    if on_terminal:
        sys.stderr.write("\r{:78}\r".format(""))
    if code != 0:
        reason = last_error or "exit code {}".format(code)
        if "ensurepip" in (read(LOG) or "") and "venv" in command:
            reason = "this Python lacks venv (on Debian or Ubuntu: apt install python3-venv)"
        raise SetupError(
            "Set-up failed while {}: {}. All of it is in {}".format(title, reason.rstrip("."), LOG)
        )


class exclusive(object):
    """While one run.py sets up, another waits. The system lets go of the lock when its holder dies."""

    def __enter__(self):
        if not os.path.isdir(ENVIRONMENT):
            os.mkdir(ENVIRONMENT)
        self.file = open(GUARD, "a")
        if os.name == "nt":
            import msvcrt
            import time

            while True:
                try:
                    msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.5)
        else:
            import fcntl

            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *unused):
        self.file.close()


def run_tests(arguments):
    """Style, types, tests, in this order; pytest's closing line comes last. The first failure's exit code."""
    python = environment_python()
    first_failure = 0
    for command in (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"] + list(arguments),
    ):
        sys.stdout.write("$ {}\n".format(" ".join(command)))
        sys.stdout.flush()
        first_failure = call([python, "-m"] + command, ROOT) or first_failure
    return first_failure


def call(command, folder=None):
    """Runs a program to its end and returns its exit code; Ctrl-C is left to the program itself."""
    process = subprocess.Popen(command, cwd=folder, env=child_environment())
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            continue


def child_environment():
    """The environment without what would lead Python or pip away from .venv."""
    unwanted = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV")
    kept = dict((name, value) for name, value in os.environ.items() if name not in unwanted)
    kept.update(PYTHONNOUSERSITE="1", PYTHONUTF8="1")
    return kept


def environment_python():
    """Where the virtual environment keeps its Python."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(ENVIRONMENT, *parts)


def read(path):
    """A small text file's content, or None when there is no such file."""
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except (IOError, OSError):
        return None


def write(path, text):
    """Writes a small text file whole."""
    with open(path, "wb") as file:
        file.write(text.encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
