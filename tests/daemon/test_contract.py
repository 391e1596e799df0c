# SPDX-License-Identifier: Apache-2.0
"""The contract in proto/plosive/v1: a lint, no change that breaks old clients, and the generated code.

The lint holds what Buf's STANDARD rules hold (buf.build/docs/lint/rules), but for SERVICE_SUFFIX: the service
is named as the product. The check for breaking changes holds Buf's WIRE_JSON rules, and that names stay.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parents[2]
PROTOS = sorted((ROOT / "proto" / "plosive" / "v1").glob("*.proto"))
BASELINE = ROOT / "proto" / "plosive.v1.binpb"
STREAMED = {"WatchJob", "AnalyzeFaces", "ScoreResult"}
Message = descriptor_pb2.DescriptorProto
Files = descriptor_pb2.FileDescriptorSet


def described() -> Files:
    """The protos as the generated code knows them."""
    files = Files()
    for path in PROTOS:
        module = importlib.import_module(f"plosive_proto.v1.{path.stem}_pb2")
        module.DESCRIPTOR.CopyToProto(files.file.add())
    return files


def baseline() -> Files:
    return Files.FromString(BASELINE.read_bytes())


def messages(files: Files) -> Iterator[tuple[str, Message]]:
    def within(prefix: str, found: Any) -> Iterator[tuple[str, Message]]:
        for message in found:
            yield f"{prefix}{message.name}", message
            yield from within(f"{prefix}{message.name}.", message.nested_type)

    for file in files.file:
        yield from within("", file.message_type)


def enums(files: Files) -> Iterator[tuple[str, descriptor_pb2.EnumDescriptorProto]]:
    for file in files.file:
        for enum in file.enum_type:
            yield enum.name, enum
    for name, message in messages(files):
        for enum in message.enum_type:
            yield f"{name}.{enum.name}", enum


def methods(files: Files) -> Iterator[descriptor_pb2.MethodDescriptorProto]:
    for file in files.file:
        for service in file.service:
            yield from service.method


# --- lint ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.name)
def test_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(r"[a-z][a-z0-9_]*\.proto", path.name)
    assert text.startswith("// SPDX-License-Identifier: Apache-2.0\n//\n// "), "no word on what it is about"
    assert re.findall(r"^package (.*);$", text, re.M) == ["plosive.v1"]
    assert 'syntax = "proto3";' in text
    assert not re.search(r"^import (public|weak)|^option ", text, re.M)
    lines = text.splitlines()
    assert all(len(line) <= 120 and line == line.rstrip() and "\t" not in line for line in lines)
    imports = re.findall(r'^import "(.*)";$', text, re.M)
    assert imports == sorted(set(imports))
    for name in imports:
        stem = name.rpartition("/")[2].removesuffix(".proto")
        used = importlib.import_module(f"plosive_proto.v1.{stem}_pb2").DESCRIPTOR
        known = [*used.message_types_by_name, *used.enum_types_by_name]
        rest = text.replace(name, "")
        assert any(re.search(rf"\b{word}\b", rest) for word in known), f"{name} is not used"


def test_package_and_folder_agree() -> None:
    for file in described().file:
        assert file.package == "plosive.v1" and re.search(r"\.v[1-9][0-9]*$", file.package)
        assert Path(file.name).parts[-2] == "v1" and file.syntax == "proto3"


def test_names_of_messages_and_fields() -> None:
    for name, message in messages(described()):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", message.name), name
        for field in message.field:
            where = f"{name}.{field.name}"
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name), where
            is_list = field.label == field.LABEL_REPEATED
            assert not (field.name.endswith("_list") and is_list), where
            assert field.type != field.TYPE_GROUP and field.label != field.LABEL_REQUIRED, where
        for oneof in message.oneof_decl:
            assert re.fullmatch(r"_?[a-z][a-z0-9_]*", oneof.name), name


def test_numbers_of_fields_leave_no_gaps_but_what_is_reserved() -> None:
    for name, message in messages(described()):
        numbers = sorted(field.number for field in message.field)
        reserved = {number for span in message.reserved_range for number in range(span.start, span.end)}
        assert not reserved & set(numbers), name
        highest = max([*numbers, *reserved], default=0)
        assert sorted({*numbers, *reserved}) == list(range(1, highest + 1)), name


def test_units_stand_in_names() -> None:
    """A number of time or place says what it counts."""
    bare = re.compile(r"(^|_)(time|duration|timeout|offset|start|end|length|size|memory)$")
    for name, message in messages(described()):
        for field in message.field:
            if field.type not in (field.TYPE_MESSAGE, field.TYPE_STRING, field.TYPE_BOOL, field.TYPE_ENUM):
                known = field.name == "page_size"  # as in AIP-158
                assert known or not bare.search(field.name), f"{name}.{field.name} has no unit"


def test_enums() -> None:
    for name, enum in enums(described()):
        prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper()
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", enum.name), name
        assert (enum.value[0].name, enum.value[0].number) == (f"{prefix}_UNSPECIFIED", 0), name
        assert all(value.name.startswith(f"{prefix}_") for value in enum.value), name
        assert len({value.number for value in enum.value}) == len(enum.value), f"{name} has aliases"
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", value.name) for value in enum.value), name


def test_one_request_and_one_response_for_each_rpc() -> None:
    used: list[str] = []
    for method in methods(described()):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", method.name)
        assert method.input_type == f".plosive.v1.{method.name}Request"
        assert method.output_type == f".plosive.v1.{method.name}Response"
        assert not method.client_streaming and method.server_streaming == (method.name in STREAMED)
        used += [method.input_type, method.output_type]
    assert len(used) == len(set(used))
    spoken = {
        f".plosive.v1.{name}" for name, _ in messages(described()) if name.endswith(("Request", "Response"))
    }
    assert spoken - set(used) == {".plosive.v1.SyncRequest"}  # a part of others


def test_every_rpc_has_a_comment() -> None:
    for path in PROTOS:
        lines = path.read_text(encoding="utf-8").splitlines()
        for before, line in pairwise(lines):
            if line.strip().startswith("rpc "):
                assert before.strip().startswith("// "), line


# --- changes that break -------------------------------------------------------------------------


def breaks(old: Files, new: Files) -> list[str]:
    """What in `new` breaks clients or stored requests made with `old`."""
    found: list[str] = []
    old_messages, new_messages = dict(messages(old)), dict(messages(new))
    for name, before in old_messages.items():
        if (after := new_messages.get(name)) is None:
            found.append(f"message {name} is gone")
            continue
        fields = {field.number: field for field in after.field}
        reserved = {number for span in after.reserved_range for number in range(span.start, span.end)}
        for field in before.field:
            where, now = f"{name}.{field.name} = {field.number}", fields.get(field.number)
            if now is None:
                if field.number not in reserved or field.name not in after.reserved_name:
                    found.append(f"{where} is gone (reserve its number and name)")
            elif now.name != field.name:
                found.append(f"{where} is called {now.name}")
            elif (now.type, now.type_name, now.label) != (field.type, field.type_name, field.label):
                found.append(f"{where} has another type")
            elif _oneof(before, field) != _oneof(after, now) or now.proto3_optional != field.proto3_optional:
                found.append(f"{where} is in another oneof, or optional otherwise")
    new_enums = dict(enums(new))
    for name, enum in enums(old):
        values = {value.number: value.name for value in new_enums[name].value} if name in new_enums else {}
        found += [
            f"{value.name} = {value.number} is gone or renamed"
            for value in enum.value
            if values.get(value.number) != value.name
        ]
    new_methods = {method.name: method for method in methods(new)}
    found += [f"rpc {m.name} is gone or changed" for m in methods(old) if new_methods.get(m.name) != m]
    if {file.package for file in old.file} != {file.package for file in new.file}:
        found.append("the package has another name")
    return found


def _oneof(message: Message, field: descriptor_pb2.FieldDescriptorProto) -> str:
    return message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""


def test_nothing_breaks() -> None:
    assert breaks(baseline(), described()) == []


def _message(files: Files, name: str) -> Message:
    return dict(messages(files))[name]


CHANGES: dict[str, Any] = {
    "removed": lambda files: _message(files, "Job").field.pop(2),
    "renumbered": lambda files: setattr(_message(files, "Job").field[2], "number", 99),
    "renamed": lambda files: setattr(_message(files, "Job").field[2], "name", "title"),
    "retyped": lambda files: setattr(_message(files, "Job").field[2], "type", 12),
    "repeated": lambda files: setattr(_message(files, "Job").field[2], "label", 3),
    "message gone": lambda files: files.file[0].message_type.pop(0),
    "enum value": lambda files: dict(enums(files))["JobState"].value.pop(3),
    "enum gone": lambda files: next(f for f in files.file if f.enum_type).enum_type.pop(0),
    "rpc gone": lambda files: next(f for f in files.file if f.service).service[0].method.pop(0),
    "no stream": lambda files: [m.ClearField("server_streaming") for m in methods(files)],
    "out of the oneof": lambda files: _message(files, "Output").field[0].ClearField("oneof_index"),
    "package": lambda files: setattr(files.file[0], "package", "plosive.v2"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_breaking_change_is_seen(name: str) -> None:
    changed = baseline()
    CHANGES[name](changed)
    assert breaks(baseline(), changed)


def test_what_does_not_break() -> None:
    changed = baseline()
    job = _message(changed, "Job")
    job.field.add(name="more", number=100, type=9, label=1)
    dict(enums(changed))["JobState"].value.add(name="JOB_STATE_NEW", number=40)
    gone = job.field.pop(2)
    job.reserved_name.append(gone.name)
    job.reserved_range.add(start=gone.number, end=gone.number + 1)
    assert breaks(baseline(), changed) == []


# --- generated code -----------------------------------------------------------------------------


def test_the_generated_code_is_what_the_protos_say(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not here")
    subprocess.run(
        [sys.executable, str(ROOT / "proto" / "generate.py"), str(tmp_path)], check=True, timeout=120
    )
    made = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*.py*") if path.is_file()}
    kept = ROOT / "proto" / "gen"
    generated = {path.relative_to(kept) for path in kept.rglob("*_pb2*") if path.suffix in (".py", ".pyi")}
    assert set(made) == generated
    for name, path in made.items():
        assert path.read_bytes() == (kept / name).read_bytes(), f"{name}: run python proto/generate.py"
