# SPDX-License-Identifier: Apache-2.0
"""DaVinci Resolve, played: what its scripting API has, lacks and gets wrong, by version and edition.

Written by hand from facts; each behaviour says on what it rests: [V] the vendor's words, [M] measured by
somebody on the real program, [P] press, [I] our inference, [?] not settled (then it is a switch of
FakeBehaviour). What the real program answers with a silent None or False is answered so; what no version has
is a FakeRejection. Where a name is not said, [M] means samuelgursky/davinci-resolve-mcp
docs/reference/api-limitations.md.
"""

from __future__ import annotations

from fakes.resolve.application import FakeApplication
from fakes.resolve.edition import EDITIONS, FakeBehaviour, FakeEdition
from fakes.resolve.rejection import FakeRejection
from fakes.resolve.scene import Scene

__all__ = ["EDITIONS", "FakeApplication", "FakeBehaviour", "FakeEdition", "FakeRejection", "Scene"]
