"""Pools, and who has which address."""

from __future__ import annotations

from edgegen.app.manifests import read_manifests
from edgegen.model.cluster import Cluster
from edgegen.routing.pool_status import FamilyUse, VipStatus, pool_statuses, vip_statuses

POOL = """\
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: public, namespace: metallb-system}
spec:
  addresses: [10.0.0.0/24, "fd00::/120"]
"""
ANNOUNCED = """\
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: all, namespace: metallb-system}
"""


def service(name: str, **annotations: str) -> str:
    written = ", ".join(f'metallb.io/{key}: "{value}"' for key, value in annotations.items())
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop, annotations: {{{written}}}}}
spec: {{type: LoadBalancer, ports: [{{port: 80}}]}}
"""


def cluster(*documents: str) -> Cluster:
    return read_manifests([("x.yaml", "---\n".join(documents).encode())]).cluster


def test_addresses_are_counted_by_family() -> None:
    found = cluster(
        POOL,
        ANNOUNCED,
        service("one", loadBalancerIPs="10.0.0.7,fd00::7"),
        service("shared", loadBalancerIPs="10.0.0.7"),
        service("lost", loadBalancerIPs="192.0.2.1"),
    )
    (pool,) = pool_statuses(found)
    assert (pool.name, pool.advertised) == ("public", ("l2",))
    assert pool.families == (FamilyUse(4, 256, 1), FamilyUse(6, 256, 1))
    assert [use.free for use in pool.families] == [255, 255]
    how = "L2Advertisement/all"
    assert vip_statuses(found) == (
        VipStatus("10.0.0.7", "public", how, ("Service/shop/one", "Service/shop/shared")),
        VipStatus("fd00::7", "public", how, ("Service/shop/one",)),
        VipStatus("192.0.2.1", None, None, ("Service/shop/lost",)),
    )


def test_who_asks_for_any_address_of_a_pool_takes_one_of_the_clusters_family() -> None:
    found = cluster(POOL, service("any"), service("named", **{"address-pool": "public"}))
    assert vip_statuses(found) == (
        VipStatus(None, None, None, ("Service/shop/any",)),
        VipStatus(None, "public", None, ("Service/shop/named",)),
    )
    (pool,) = pool_statuses(found)
    assert [use.used for use in pool.families] == [1, 0]
    assert pool.advertised == ()


def test_addresses_that_confuse_old_devices_are_not_given_out() -> None:
    wanted = POOL.replace("spec:", "spec:\n  avoidBuggyIPs: true").replace(
        "[10.0.0.0/24, ", "[10.0.0.255-10.0.2.1, "
    )
    (pool,) = pool_statuses(cluster(wanted))
    # .255 | .0 to .255 | .0 and .1
    assert pool.families[0].size == 0 + 254 + 1
