# SPDX-License-Identifier: Apache-2.0
"""What every generator must keep to, as checks that its author can run: see docs/generators.md."""

from __future__ import annotations

from plosive.contract.checks import CHECKS, Check, ContractBroken, broken_promises
from plosive.contract.ground import Ground, open_ground

__all__ = ["CHECKS", "Check", "ContractBroken", "Ground", "broken_promises", "open_ground"]
