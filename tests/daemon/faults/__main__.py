# SPDX-License-Identifier: Apache-2.0
"""`PYTHONPATH=tests/daemon:... python -m faults --count 20 [--fault NAME]`: the faults, many times, counted.

disk_full needs a small disk: give one with --small-disk, such as a tmpfs of 8 MB. `python -m faults load`
measures: 10 clients, 1,000 jobs, 200 watchers.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from .kinds import KINDS
from .load import Load, put_under_load


def main() -> int:
    if sys.argv[1:2] == ["load"]:
        return _load(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", choices=sorted(KINDS))
    parser.add_argument("--small-disk", type=Path)
    parser.add_argument("--keep", action="store_true", help="Keep the folders of rounds that failed.")
    asked = parser.parse_args()
    failed = 0
    for name in asked.fault or KINDS:
        if name == "disk_full" and asked.small_disk is None:
            print("disk_full: not done, no --small-disk")
            continue
        good, begun = 0, time.monotonic()
        for seed in range(asked.seed, asked.seed + asked.count):
            place = asked.small_disk if name == "disk_full" else None
            folder = Path(tempfile.mkdtemp(prefix=f"faults-{name}-{seed}-", dir=place))
            try:
                print(f"  {name} {seed}: {KINDS[name](folder, seed)}", flush=True)
                good += 1
            except Exception:
                print(f"  {name} {seed}: FAILED\n{traceback.format_exc()}", flush=True)
                if asked.keep and place is None:
                    print(f"  see {folder}")
                    continue
            shutil.rmtree(folder, ignore_errors=True)
        failed += asked.count - good
        print(f"{name}: {good} of {asked.count} held, {time.monotonic() - begun:.0f} s", flush=True)
    return 1 if failed else 0


def _load(arguments: list[str]) -> int:
    usual = Load()
    parser = argparse.ArgumentParser(prog="faults load")
    for name in ("clients", "jobs", "watchers"):
        parser.add_argument(f"--{name}", type=int, default=getattr(usual, name))
    parser.add_argument("--seconds", type=float, default=usual.seconds)
    parser.add_argument(
        "--one", action="store_true", dest="are_all_on_one", help="All watch the running job."
    )
    folder = Path(tempfile.mkdtemp(prefix="faults-load-"))
    measured = put_under_load(folder / "shop", Load(**vars(parser.parse_args(arguments))))
    print("\n".join(measured.lines()))
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if measured.problems else 0


if __name__ == "__main__":
    sys.exit(main())
