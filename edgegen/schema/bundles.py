"""Do the Gateway API's CRDs that are committed belong together?

Source: Gateway API 1.6.1, config/crd/standard/gateway.networking.k8s.io_vap_safeupgrades.yaml;
pkg/consts/consts.go for the two annotations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from edgegen.model.fault import Fault
from edgegen.model.ids import GATEWAY_GROUP
from edgegen.schema.fault import CRD_MISMATCH
from edgegen.stack.tables.releases import release_of, release_text
from edgegen.stack.tables.served import EXPERIMENTAL

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.resource import Resource

VERSION: Final = "gateway.networking.k8s.io/bundle-version"
CHANNEL: Final = "gateway.networking.k8s.io/channel"
POLICY: Final = "safe-upgrades.gateway.networking.k8s.io"

_SAFE: Final = (1, 5, 0)
"""The first release with the policy, and the oldest whose CRDs it lets in."""

_SUFFIXES: Final = (f".{GATEWAY_GROUP}", ".gateway.networking.x-k8s.io")


def bundle_faults(definitions: Sequence[Resource], cluster: Cluster) -> Iterator[Fault]:
    """Yield where a CRD of the Gateway API is of another bundle than the others.

    What the Cluster document says decides what they should be; without one the
    bundle that most of them belong to.
    """
    bundle = [one for one in definitions if one.name.endswith(_SUFFIXES)]
    if not bundle:
        return
    facts = cluster.facts
    version = facts.gateway_api or _most(bundle, VERSION)
    channel = facts.gateway_channel if facts.gateway_api else _most(bundle, CHANNEL)
    guarded = any(one.name == POLICY for one in cluster.of_kind("ValidatingAdmissionPolicy"))
    wanted = release_of(version)
    for one in bundle:
        found = release_of(one.annotations.get(VERSION, ""))
        if found is not None and wanted is not None and found != wanted:
            whose = "the Cluster document says" if facts.gateway_api else "most others are of"
            yield _mismatch(one, VERSION, f"{whose} {release_text(wanted)}", release_text(found))
        elif found is not None and found < _SAFE and guarded:
            yield _mismatch(
                one, VERSION, f"{POLICY} refuses CRDs before 1.5.0", release_text(found)
            )
        given = one.annotations.get(CHANNEL)
        if given is not None and channel and given != channel:
            whose = "the Cluster document says" if facts.gateway_api else "most others are of"
            refused = f", and {POLICY} refuses it" if given == EXPERIMENTAL and guarded else ""
            yield _mismatch(one, CHANNEL, f"{whose} {channel}{refused}", given)


def _most(bundle: Sequence[Resource], annotation: str) -> str:
    given = [text for one in bundle if (text := one.annotations.get(annotation))]
    counted = Counter(given)
    return min(counted, key=lambda text: (-counted[text], text), default="")


def _mismatch(one: Resource, annotation: str, other: str, found: str) -> Fault:
    what = "bundle" if annotation == VERSION else "channel"
    return Fault(
        CRD_MISMATCH,
        one.at("metadata", "annotations", annotation),
        f"CRD {one.name} is of {what} {found}; {other}",
        help="take all CRDs of the Gateway API from one release and one channel",
        discriminator=annotation,
    )
