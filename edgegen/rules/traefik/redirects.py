"""TK048, TK049 and TK052: redirections of entryPoints that lead nowhere, or stop certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edgegen.diagnostics import Severity
from edgegen.model.path import value_at
from edgegen.rules.base import Finding, cluster_rule
from edgegen.rules.traefik.entrypoints import redirecting_listeners
from edgegen.schema.words import closest
from edgegen.stack.traefik import traefiks_of

if TYPE_CHECKING:
    from edgegen.model.cluster import Cluster
    from edgegen.model.path import Path
    from edgegen.model.resource import Resource
    from edgegen.yamlio.document import Json

_CERT_MANAGER = "cert-manager.io"


@cluster_rule(
    code="TK048", name="redirect-leaks-entrypoint-port", severity=Severity.ERROR, since="0.1.0"
)
def redirect_leaks_entrypoint_port(cluster: Cluster) -> Iterator[Finding]:
    """A redirection names an entryPoint whose port clients cannot dial.

    ## Why is this bad
    Traefik writes the port of the entryPoint into the address: clients are
    sent to `https://…:8443`, which no Service answers. The chart writes the
    exposed port instead; this is about arguments and files.

    ## How to fix
    Redirect to the port that clients dial, `to=:443`.

    ## Source
    Traefik 3.7, pkg/provider/traefik/internal.go, `redirection`; compared with
    templates/_podtemplate.tpl of traefik-helm-chart 41.3.0.
    """
    for traefik in cluster.cached(traefiks_of):
        if traefik.release is not None:
            continue
        points = {point.name.lower(): point for point in traefik.entry_points}
        for point in traefik.entry_points:
            target = points.get(point.redirect_to.lower())
            if target is None or target.exposed_port in (None, target.port):
                continue
            name = f"entrypoints.{point.name.lower()}.http.redirections.entrypoint.to"
            yield Finding(
                at=traefik.settings.spot(name) or traefik.at,
                message=f"entryPoint {point.name} redirects to port {target.port},"
                f" and clients dial {target.exposed_port}",
                help=f"write to=:{target.exposed_port}",
                discriminator=point.name,
            )


@cluster_rule(
    code="TK049", name="redirect-stops-certificates", severity=Severity.ERROR, since="0.1.0"
)
def redirect_stops_certificates(cluster: Cluster) -> Iterator[Finding]:
    """An issuer answers HTTP-01 challenges on an entryPoint that redirects every request.

    ## Why is this bad
    The redirection outranks the route by which cert-manager answers the
    challenge: no certificate is issued or renewed.

    ## How to fix
    Redirect with an HTTPRoute on the HTTP listener, set a low
    `redirections.entryPoint.priority`, or use DNS-01.

    ## Source
    cert-manager, HTTP-01 with the Gateway API; Traefik 3.7.15, observed: a
    redirection of an entryPoint beats every route.
    """
    issuers = [
        *cluster.of_kind("ClusterIssuer", _CERT_MANAGER),
        *cluster.of_kind("Issuer", _CERT_MANAGER),
    ]
    if not issuers:
        return
    redirecting = {
        (found.listener.gateway.namespace, found.listener.gateway.name): found
        for found in cluster.cached(redirecting_listeners).values()
    }
    for issuer in issuers if redirecting else ():
        for path, key, section in _parents(issuer):
            found = redirecting.get(key)
            if found is not None and section in ("", found.listener.name):
                yield Finding(
                    at=issuer.at(*path),
                    message=f"entryPoint {found.point.name} of Gateway {'/'.join(key)} redirects"
                    " every request, challenges of HTTP-01 too",
                    help="redirect with an HTTPRoute, set a low priority, or use DNS-01",
                    related=((found.at, "the redirection"),),
                    discriminator="/".join(key),
                )


def _parents(issuer: Resource) -> Iterator[tuple[Path, tuple[str, str], str]]:
    solvers = value_at(issuer.value, ("spec", "acme", "solvers"))
    for index, solver in enumerate(solvers if isinstance(solvers, list) else ()):
        steps: Path = ("http01", "gatewayHTTPRoute", "parentRefs")
        refs: Json = value_at(solver, steps)
        for position, ref in enumerate(refs if isinstance(refs, list) else ()):
            if not isinstance(ref, dict):
                continue
            path: Path = ("spec", "acme", "solvers", index, *steps, position, "name")
            namespace, name = ref.get("namespace") or issuer.namespace, ref.get("name")
            yield path, (str(namespace), str(name)), str(ref.get("sectionName") or "")


@cluster_rule(
    code="TK052", name="redirect-to-unknown-entrypoint", severity=Severity.ERROR, since="0.1.0"
)
def redirect_to_unknown_entrypoint(cluster: Cluster) -> Iterator[Finding]:
    """A redirection names an entryPoint that Traefik does not have.

    ## Why is this bad
    Traefik logs an error and redirects nothing: what was to be https stays
    http. Of values of the chart chart-refuses-values tells.

    ## How to fix
    Name an entryPoint, or the port that clients dial, `to=:443`.

    ## Source
    Traefik 3.7.15, observed: "'to' entry point field references a
    non-existing entry point".
    """
    for traefik in cluster.cached(traefiks_of):
        if traefik.release is not None or not traefik.known:
            continue
        names = {point.name.lower() for point in traefik.entry_points}
        for point in traefik.entry_points:
            to = point.redirect_to
            if not to or to.startswith(":") or to.lower() in names:
                continue
            near = closest(to, sorted(names))
            name = f"entrypoints.{point.name.lower()}.http.redirections.entrypoint.to"
            yield Finding(
                at=traefik.settings.spot(name) or traefik.at,
                message=f'entryPoint {point.name} redirects to "{to}", which is no entryPoint',
                help=f'did you mean "{near}"?' if near else "name an entryPoint, or :443",
                discriminator=point.name,
            )
