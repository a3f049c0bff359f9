"""Rules whose findings come from turning edgegen's kinds into native resources."""

from __future__ import annotations

from edgegen.diagnostics import Severity
from edgegen.rules.base import Rule, input_rule

_CONTRACT = "edgegen's own contract, docs/fragments.md."


def _rule(
    code: str,
    name: str,
    title: str,
    why: str,
    fix: str,
    source: str = _CONTRACT,
    *,
    severity: Severity = Severity.ERROR,
) -> Rule:
    documentation = (
        f"{title}\n\n## Why is this bad\n{why}\n\n## How to fix\n{fix}\n\n## Source\n{source}"
    )
    return input_rule(code, name, severity, "0.1.0", documentation)


EXPANSION_RULES: tuple[Rule, ...] = (
    _rule(
        "IN030",
        "generated-name-clash",
        "A fragment has the name of an object that edgegen generates.",
        "Two objects of one name cannot both be applied, and generated output is not patched.",
        "Change the Edge, AddressPool or Route that generates it, or rename the fragment.",
    ),
    _rule(
        "IN031",
        "api-limit",
        "An object is larger than the API allows.",
        "The API server refuses it: an HTTPRoute has at most 16 hostnames, 16 rules, 64 matches a rule and 128 in"
        " all, a Gateway at most 64 listeners. edgegen never splits by itself, because every later addition would"
        " move rules between objects.",
        "Cut it where the help proposes, and keep the cut stable.",
        "Gateway API v1.6.1, apis/v1/httproute_types.go and gateway_types.go, `MaxItems` and CEL rules.",
    ),
    _rule(
        "IN032",
        "protected-value",
        "Edge.values sets a Helm value that edgegen derives.",
        "Ports, provider settings and the fence follow from the Edge; a second source would break routing or open"
        " the edge to other namespaces.",
        "Set the field of the Edge that the message names.",
    ),
    _rule(
        "IN033",
        "unknown-edge",
        "A name of an edge has no Edge in the cluster.",
        "The route would have no parent there.",
        "Correct the name, or add the Edge to the cluster or one of its layers.",
    ),
    _rule(
        "IN034",
        "edge-not-chosen",
        "A Route does not say on which edge it is published.",
        "Its team has several edges, and a guess could publish an internal service.",
        "Write spec.edges.",
    ),
    _rule(
        "IN035",
        "unknown-team",
        "A listener admits a team that does not exist here.",
        "Nobody would be admitted in its place.",
        "Correct the name, or declare the team in policies/teams/ for this cluster.",
    ),
    _rule(
        "IN036",
        "team-without-edge",
        "A listener admits a team that does not have this edge.",
        "The team may not publish there, so the listener would admit namespaces in vain.",
        "Add the edge to spec.edges of the Team, or remove the team from the listener.",
    ),
    _rule(
        "IN037",
        "unknown-pool",
        "An Edge takes its address from a pool that does not exist.",
        "Its Service would wait for an address for ever.",
        "Correct the name, or add the AddressPool.",
        "MetalLB 0.16.1, internal/allocator/allocator.go.",
    ),
    _rule(
        "IN038",
        "unknown-segment",
        "An AddressPool names a segment that the cluster does not declare.",
        "Whether its addresses collide with gateways, DHCP ranges or other clusters cannot be judged.",
        "Declare it in spec.network.segments of the Cluster.",
    ),
    _rule(
        "IN039",
        "unknown-peer",
        "An AddressPool is announced to a BGPPeer that does not exist.",
        "MetalLB accepts the name and announces the addresses to nobody.",
        "Write the name of a BGPPeer resource, not its address.",
        "MetalLB 0.16.1, internal/bgp/bgp.go.",
    ),
    _rule(
        "IN040",
        "unknown-middleware",
        "A Middleware does not exist in the namespace where it is looked for.",
        "Traefik disables the router: the route is 404, or every route of the edge where the Edge names it.",
        "Correct the name, or add the Middleware to that namespace.",
        "Traefik 3.7.15, observed.",
    ),
    _rule(
        "IN041",
        "vip-outside-pool",
        "A pinned address lies outside its pool.",
        "MetalLB refuses it and the Service waits for an address for ever.",
        "Pin an address of the pool, or widen the pool.",
        "MetalLB 0.16.1, internal/allocator/allocator.go.",
    ),
    _rule(
        "IN042",
        "vip-family-twice",
        "Two addresses of one family are pinned.",
        "A Service has at most one address a family.",
        "Keep one IPv4 and one IPv6 address.",
        "MetalLB 0.16.1, controller/service.go.",
    ),
    _rule(
        "IN043",
        "listener-protocol-clash",
        "Listeners of one port need different entryPoints.",
        "They share one entryPoint of Traefik, and it is either with TLS or without.",
        "Give one of them another port.",
        "Traefik 3.7.15, observed: an HTTP listener refuses an entryPoint with TLS.",
    ),
    _rule(
        "IN044",
        "entrypoint-port-clash",
        "Two client ports lead to one port of Traefik.",
        "Traefik could open it only once, and requests of both would be mixed.",
        "Choose another client port; docs/fragments.md has the port map.",
    ),
    _rule(
        "IN045",
        "listener-needs-experimental-channel",
        "A TCP listener on a cluster with the standard channel.",
        "Traefik 3.7 reads TCPRoutes from the experimental CRDs only; with the standard ones installed it would"
        " stop serving everything.",
        "Set gatewayAPI.channel: experimental in the Cluster, or use TLS with a hostname.",
        "Traefik 3.7.15, observed; traefik/traefik issue 13622.",
    ),
    _rule(
        "IN046",
        "no-listener-for-route",
        "A Route's hostname has no listener on its edges.",
        "Nothing answers for it there: no certificate, no route, 404.",
        "Correct the hostname, or let the platform add a listener with a certificate for it.",
    ),
)

LATER_EXPANSION_RULES: tuple[Rule, ...] = (
    _rule(
        "IN053",
        "pool-without-family",
        "An Edge takes addresses of a family that its pool does not have.",
        "The Service asks for one address of each family of the cluster and gets none at all while one is missing.",
        "Add a range of that family to the pool, change families of the Cluster, or pin vips.",
        "MetalLB 0.16.1, internal/allocator/allocator.go; Kubernetes, ipFamilyPolicy RequireDualStack.",
    ),
    _rule(
        "IN054",
        "pool-closed-to-edge",
        "An AddressPool leaves out the namespace of an Edge that uses it.",
        "MetalLB gives the Service of the edge no address of the pool; it waits for ever.",
        "Add the edge's namespace, `traefik-<edge>`, to spec.namespaces of the pool, or remove the list.",
        "MetalLB 0.16.1, internal/config/config.go, `serviceAllocation`.",
    ),
    _rule(
        "IN055",
        "teams-of-redirect",
        "A listener that redirects names teams.",
        "It answers every request with a redirect to https and admits the edge's own route alone, so no route of"
        " these teams is ever attached to it.",
        "Remove teams or redirect.",
        severity=Severity.WARNING,
    ),
)
