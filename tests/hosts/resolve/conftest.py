# SPDX-License-Identifier: Apache-2.0
"""No test of host code passes while the fake Resolve has rejected one of its calls, caught or not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.resolve import FakeRejection


@pytest.fixture(autouse=True)
def _no_call_was_rejected(request: pytest.FixtureRequest) -> Iterator[None]:
    FakeRejection.raised.clear()
    yield
    if not request.path.name.startswith("test_fake_") and "the_fake" not in request.node.name:  # on purpose
        assert FakeRejection.raised == []
