# SPDX-License-Identifier: Apache-2.0
"""Writes proto/gen/plosive_proto anew from proto/plosive/v1: `python proto/generate.py [FOLDER]`.

With `--baseline` it writes proto/plosive.v1.binpb: the contract as it was given to the world. Tests hold the
protos to it; write it anew only where a change is meant, and say in CHANGELOG what breaks.

The generator (grpcio-tools) is pinned low in pyproject.toml, because what it writes refuses runtimes older
than itself. The virtual folder plosive_proto/v1 keeps the wire package `plosive.v1` apart from the Python
package `plosive`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "plosive" / "v1"


def main(arguments: list[str]) -> int:
    if arguments == ["--baseline"]:
        return write_descriptors(HERE / "plosive.v1.binpb")
    folder = Path(arguments[0]) if arguments else HERE / "gen"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-Iplosive_proto/v1={SOURCES}"]
    command += [f"--{kind}={folder}" for kind in ("python_out", "pyi_out", "grpc_python_out")]
    command += [str(path) for path in sorted(SOURCES.glob("*.proto"))]
    subprocess.run(command, check=True)
    for path in (folder / "plosive_proto" / "v1").glob("*_pb2_grpc.py"):
        if path.name != "plosive_pb2_grpc.py":  # files without a service give empty ones
            path.unlink()
    return 0


def write_descriptors(path: Path) -> int:
    """All protos as one FileDescriptorSet (google/protobuf/descriptor.proto), without comments."""
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"-Iplosive_proto/v1={SOURCES}",
        f"--descriptor_set_out={path}",
    ]
    subprocess.run([*command, *(str(source) for source in sorted(SOURCES.glob("*.proto")))], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
