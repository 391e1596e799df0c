# SPDX-License-Identifier: Apache-2.0
"""Which daemon a command of `plosive jobs` means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plosive_client.channel import TlsOptions
from plosive_client.client import Client
from plosive_client.connecting import connect
from plosive_client.errors import InvalidRequest

__all__ = ["Reach"]

_CLIENT_NAME = "plosive jobs"


@dataclass(frozen=True)
class Reach:
    """The user's own daemon; another where `address` is said, with the file its token lies in and, for other
    machines, PEM files.
    """

    address: str = ""
    token_path: Path | None = None
    authority_path: Path | None = None
    certificate_path: Path | None = None
    key_path: Path | None = None

    @contextmanager
    def client(self, *, is_started: bool) -> Iterator[Client]:
        """Connected; `is_started`: the user's own daemon is started when absent. Raises as `connect`."""
        has_tls = any((self.authority_path, self.certificate_path, self.key_path))
        tls = TlsOptions(self.authority_path, self.certificate_path, self.key_path) if has_tls else None
        token = self._token()
        with connect(
            address=self.address, token=token, tls=tls, client_name=_CLIENT_NAME, is_started=is_started
        ) as client:
            yield client

    def _token(self) -> str:
        if self.token_path is None:
            if self.address:
                raise InvalidRequest("Name the file with the token of that daemon (--token-file).", "token")
            return ""
        try:
            return self.token_path.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise InvalidRequest(f"{self.token_path} cannot be read as a token: {error}.", "token") from error
