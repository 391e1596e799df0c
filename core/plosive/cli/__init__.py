# SPDX-License-Identifier: Apache-2.0
"""The `plosive` command. One file per subcommand; the library below knows nothing of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn

__all__ = ["main"]

_STOPPED = 130
_STOPPED_SENTENCE = "Stopped; nothing half done was left behind."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0: done. 2: an expected failure, one sentence on stderr. 130: stopped by Ctrl-C or by a farm, nothing half
    done is left. 1: a defect, its traceback in a log file (with PLOSIVE_DEBUG=1 on the terminal).
    """
    from plosive.cli.native_messages import native_messages_kept

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if os.environ.get("PLOSIVE_DEBUG") == "1":
            code = _run(given, lambda: "")
        else:
            with native_messages_kept() as native_messages:
                code = _run(given, native_messages)
    except KeyboardInterrupt:  # while the program was still being loaded
        code = _say(_STOPPED_SENTENCE, _STOPPED)
    if code == _STOPPED and arguments is None:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the program now. What was stopped in native code may still be at work in threads that nobody waits
    for (`plosive.attended`); the interpreter's own end would pull its ground away and abort.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _run(arguments: list[str], native_messages: Callable[[], str]) -> int:
    import click

    from plosive.cli.failures import log_defect
    from plosive.cli.root import plosive
    from plosive.errors import PlosiveError

    try:
        code = plosive.main(args=arguments, prog_name="plosive", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, click.Abort):
        return _say(_STOPPED_SENTENCE, _STOPPED)
    except click.UsageError as error:
        name = error.ctx.command_path if error.ctx else "plosive"
        return _say(f"{error.format_message()} (`{name} --help` lists what it takes.)", 2)
    except click.ClickException as error:
        return _say(error.format_message(), 2)
    except PlosiveError as error:
        return _say(str(error), error.exit_code)
    except Exception as error:
        if os.environ.get("PLOSIVE_DEBUG") == "1":
            raise
        return _say(log_defect(error, arguments, native_messages()), 1)


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _stop(number: int, frame: FrameType | None) -> None:
    """Render farms stop a job with SIGTERM; it unwinds like Ctrl-C, so that no half file stays."""
    del number, frame
    raise KeyboardInterrupt
