# SPDX-License-Identifier: Apache-2.0
"""What can make mouths here.

Payload: nothing. Result: `generators`, each with the fields of GeneratorInfo (info.proto).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plosive_daemon.workers.session import Session

if TYPE_CHECKING:
    from plosive.generate import Offer

__all__ = ["run"]


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """All offers, the broken ones too."""
    from plosive.generate import offered_generators

    del payload, session
    return {"generators": [_facts(offer) for offer in offered_generators()]}


def _facts(offer: Offer) -> dict[str, Any]:
    told: dict[str, Any] = {"name": offer.name, "summary": f"from {offer.origin}", "problem": offer.problem}
    if offer.generator is None:
        return told
    facts = offer.generator.facts
    size = "at the plate's resolution" if facts.face_pixels is None else f"up to {facts.face_pixels} pixels"
    return told | {
        "version": facts.version,
        "summary": f"from {offer.origin}; draws faces {size}",
        "licence": "; ".join(f"{of}: {licence}" for of, licence in facts.licences),
        "devices": list(facts.devices),
    }
