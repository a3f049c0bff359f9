"""Policies that edgegen brings along. None of them runs before a repository switches it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edgegen.diagnostics import Severity
from edgegen.rules.policies.policy import Policy, rule_of

if TYPE_CHECKING:
    from edgegen.rules.base import Rule

_ROUTES: Final = ("HTTPRoute", "GRPCRoute", "TLSRoute")

_POLICIES: Final = (
    (
        Policy(
            "PO101",
            "plaintext-listener-without-tls-twin",
            "!has(object.spec.listeners) || object.spec.listeners.all(l, l.protocol != 'HTTP' ||"
            " object.spec.listeners.exists(t, t.protocol in ['HTTPS', 'TLS'] &&"
            " t.?hostname.orValue('') == l.?hostname.orValue('')))",
            "A listener serves hosts by HTTP that no listener serves by TLS.",
            kinds=("Gateway.gateway.networking.k8s.io",),
            where=("spec", "listeners"),
            message="a listener of protocol HTTP has no twin that ends TLS for its hostname",
            help="add a listener of protocol HTTPS with the same hostname",
        ),
        "Public hosts need TLS: what is served in the open only can be read and changed on the way.",
        "Add a listener of protocol HTTPS with the same hostname.",
    ),
    (
        Policy(
            "PO102",
            "plaintext-route-without-redirect",
            "!object.spec.?parentRefs.orValue([]).exists(p, p.?sectionName.orValue('') in params.plaintext)"
            " || object.spec.?rules.orValue([]).all(r, r.?filters.orValue([]).exists(f, f.type =="
            " 'RequestRedirect'))",
            "A route of a plaintext listener does something else than redirect.",
            kinds=("HTTPRoute.gateway.networking.k8s.io",),
            where=("spec", "rules"),
            params={"plaintext": ["web", "http"]},
            docs={"plaintext": "names of the listeners that do not end TLS"},
            message="the route serves plaintext requests instead of redirecting them",
            help="redirect with a RequestRedirect filter, or attach to a listener that ends TLS",
        ),
        "Whoever asks by http is served in the open, and stays there. `plaintext` names the listeners.",
        "Give each rule a RequestRedirect filter with scheme https.",
    ),
    (
        Policy(
            "PO103",
            "single-replica",
            "cluster.labels[?params.label].orValue('') != params.value ||"
            " object.spec.?replicas.orValue(1) >= params.minimum",
            "A workload of a production cluster has too few replicas.",
            kinds=("Deployment.apps", "StatefulSet.apps"),
            where=("spec", "replicas"),
            params={"label": "env", "value": "prod", "minimum": 2},
            docs={
                "label": "key of the label of clusters that are meant",
                "value": "value of that label",
                "minimum": "replicas that are enough",
            },
            message_expression="'replicas ' + string(object.spec.?replicas.orValue(1)) + ', production needs ' +"
            " string(params.minimum)",
            help="raise replicas",
        ),
        "One node that is drained takes it down. `label` and `value` say which clusters are meant.",
        "Raise replicas to `minimum` at least.",
    ),
    (
        Policy(
            "PO104",
            "listener-open-without-hostname",
            "!has(object.spec.listeners) || object.spec.listeners.all(l, has(l.hostname) ||"
            " l.?allowedRoutes.namespaces.from.orValue('Same') != 'All')",
            "A listener without hostname takes routes of every namespace.",
            kinds=("Gateway.gateway.networking.k8s.io",),
            where=("spec", "listeners"),
            message="a listener without hostname has allowedRoutes from: All",
            help="add hostname, or allow chosen namespaces by a selector",
        ),
        "Anyone who may write a route may claim any hostname on it.",
        "Add a hostname, or let a selector choose the namespaces.",
    ),
    (
        Policy(
            "PO105",
            "load-balancer-without-address",
            "object.spec.?type.orValue('ClusterIP') != 'LoadBalancer' || params.annotations.exists(a, a in"
            " object.metadata.?annotations.orValue({})) || object.spec.?loadBalancerIP.orValue('') != ''",
            "A Service of type LoadBalancer asks for no address of its own.",
            kinds=("Service",),
            where=("metadata", "name"),
            params={
                "annotations": ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"]
            },
            docs={"annotations": "annotations that pin an address"},
            message="the Service leaves its address to chance",
            help="pin it with the annotation metallb.io/loadBalancerIPs",
        ),
        "A cluster that is rebuilt gives it another address, and DNS points nowhere.",
        "Pin the address.",
    ),
    (
        Policy(
            "PO106",
            "wildcard-hostname-of-team",
            "team == '' || object.spec.?hostnames.orValue([]).all(h, !h.startsWith('*'))",
            "A team's route has a wildcard hostname.",
            kinds=tuple(f"{kind}.gateway.networking.k8s.io" for kind in _ROUTES),
            where=("spec", "hostnames"),
            message_expression="'team ' + team + ' has a wildcard hostname'",
            help="name the hosts one by one",
        ),
        "It takes every host below the domain that nobody else has claimed, today and tomorrow.",
        "Name the hosts one by one.",
    ),
    (
        Policy(
            "PO107",
            "team-without-contact",
            "object.spec.?contacts.orValue([]).size() > 0",
            "A Team names nobody to ask.",
            severity=Severity.WARNING,
            kinds=("Team.edgegen.dev",),
            where=("spec", "contacts"),
            message="the Team names no contact",
            help="add contacts",
        ),
        "Whoever is called at night does not know whom to call.",
        "Add `contacts` to the Team.",
    ),
)

_SOURCE: Final = (
    "A matter of the house: off until edgegen.yaml or --select names it; docs/policies.md."
)


def _documentation(policy: Policy, why: str, fix: str) -> str:
    return (
        f"{policy.title}\n\n## Why is this bad\n{why}\n\n## How to fix\n{fix}\n\n"
        f"## Source\n{_SOURCE}"
    )


LIBRARY: tuple[Rule, ...] = tuple(
    rule_of(policy, default=False, documentation=_documentation(policy, why, fix))
    for policy, why, fix in _POLICIES
)
"""The rules of the library, in the order of their codes."""
