"""Measures how fast address ranges are read and swept: `python bench/ranges.py [COUNT]`.

Prints the best of some runs in seconds. The goal is half a second for 200,000
ranges, parsing and sweep together.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable, Iterator

from edgegen.model.cluster import Cluster
from edgegen.model.facts import facts_of
from edgegen.model.resource import Origin, Resource
from edgegen.rules.base import Finding
from edgegen.rules.fleet.pool_overlap import fleet_address_pool_overlap
from edgegen.rules.metallb.pool_overlap import address_pool_overlap
from edgegen.stack.addresses import overlaps, parse_pool_range
from edgegen.summary import ClusterSummary, summarise
from edgegen.yamlio import Document
from edgegen.yamlio.document import Json

COUNT = 200_000
RUNS = 3
CLUSTERS = 100
POOL_SIZE = 20


def texts(count: int) -> list[str]:
    """Return CIDRs and ranges of both families in no order, of which a few overlap."""
    choose = random.Random(7)  # noqa: S311  # a fixed order, nothing secret
    found = []
    for number in range(count):
        base = f"10.{number >> 14 & 255}.{number >> 6 & 255}.{number % 64 * 4}"
        six = f"fd00:{number >> 16:x}:{number & 0xFFFF:x}::"
        found.append(
            choose.choice([f"{base}/30", f"{base}-{base}", f"{six}/120", f"{six}1-{six}ff"])
        )
    found[: count // 400] = found[-(count // 400) :]
    choose.shuffle(found)
    return found


def cluster(name: str, entries: list[str]) -> Cluster:
    """Return a cluster with pools of the entries, announced by L2."""
    pools = [
        resource("IPAddressPool", f"p{start}", {"addresses": [*entries[start : start + POOL_SIZE]]})
        for start in range(0, len(entries), POOL_SIZE)
    ]
    return Cluster(name, facts_of(None, name), [*pools, resource("L2Advertisement", "l2", {})])


def resource(kind: str, name: str, spec: dict[str, Json]) -> Resource:
    """Return an object of MetalLB's."""
    value: dict[str, Json] = {
        "apiVersion": "metallb.io/v1beta1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "metallb-system"},
        "spec": spec,
    }
    return Resource(value, Origin(Document(f"{kind}.yaml", 0, 1, "", value)))


def best(run: Callable[[], object]) -> float:
    """Return the shortest of some runs, in seconds of the processor.

    What else runs on the machine counts less that way.
    """
    taken = []
    for _ in range(RUNS):
        gc.collect()
        gc.disable()
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
        gc.enable()
    return min(taken)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    entries = texts(count)
    ranges = [(parse_pool_range(text), text) for text in entries]
    print(f"{count} ranges")
    print(f"parse           {best(lambda: [parse_pool_range(text) for text in entries]):.3f} s")
    print(f"sweep           {best(lambda: list(overlaps(ranges))):.3f} s")
    both = best(lambda: list(overlaps((parse_pool_range(text), text) for text in entries)))
    print(f"parse and sweep {both:.3f} s")
    one = best(lambda: _findings(address_pool_overlap.check_cluster, cluster("one", entries)))
    print(f"one cluster, pools and rule  {one:.3f} s")
    size = max(1, count // CLUSTERS)
    clusters = [
        cluster(f"c{start // size}", entries[start : start + size])
        for start in range(0, count, size)
    ]
    summaries = [summarise(item) for item in clusters]
    fleet = best(lambda: _findings(fleet_address_pool_overlap.check_fleet, summaries))
    print(f"fleet of {len(summaries)}, sweep of summaries  {fleet:.3f} s")


def _findings(
    check: Callable[..., Iterator[Finding]] | None, given: Cluster | list[ClusterSummary]
) -> int:
    return sum(1 for _ in check(given)) if check is not None else 0


if __name__ == "__main__":
    main()
