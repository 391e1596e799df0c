# SPDX-License-Identifier: Apache-2.0
"""The certificate that a daemon shows at its address, for `plosive serve --check`."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from socket import create_connection

__all__ = ["ShownCertificate"]


@dataclass(frozen=True)
class ShownCertificate:
    """`pem` as text; `name` is one that it is for, empty where it names none; `valid_until` in UTC."""

    address: str
    pem: str
    name: str
    valid_until: datetime

    @classmethod
    def at(cls, address: str, timeout_seconds: float) -> ShownCertificate | None:
        """What is shown at HOST:PORT; None where no TLS is spoken there. Whether it is trusted is not asked
        here, only whether it is valid today. Raises OSError where nobody listens, ssl.SSLError (a kind of it)
        for a certificate that is not.
        """
        host, _, port = address.rpartition(":")
        host = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))
        place = (host, int(port))
        try:
            pem = _shown(place, timeout_seconds)
        except (ssl.SSLError, ConnectionResetError):
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # itself as the root: only its dates are left
        context.load_verify_locations(cadata=pem)
        with create_connection(place, timeout_seconds) as plain, context.wrap_socket(plain) as secure:
            facts = dict(secure.getpeercert() or {})
        seconds = ssl.cert_time_to_seconds(str(facts["notAfter"]))
        names = [str(entry[1]) for entry in facts.get("subjectAltName", ())]
        until = datetime.fromtimestamp(seconds, timezone.utc)
        return cls(f"{_bracketed(host)}:{port}", pem, names[0] if names else "", until)

    def is_of(self, path: Path) -> bool:
        """Whether it is the first certificate in a PEM file. Raises OSError, ValueError where none is."""
        text = path.read_text(encoding="ascii", errors="replace")
        end = text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)
        first = text[text.index(ssl.PEM_HEADER) : end]
        return ssl.PEM_cert_to_DER_cert(first) == ssl.PEM_cert_to_DER_cert(self.pem)


def _shown(place: tuple[str, int], timeout_seconds: float) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with create_connection(place, timeout_seconds) as plain, context.wrap_socket(plain) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True) or b"")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
