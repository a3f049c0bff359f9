"""What the fields of one merged document mean together.

JSON Schema says these things clumsily or not at all. Every check may rely on
the document being right by its schema; each yields at most one fault for one
mistake.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from edgegen.schema.fault import INVALID_VALUE, MISSING_FIELD, Path, SchemaFault
from edgegen.schema.words import field_text, missing, quoted

if TYPE_CHECKING:
    from edgegen.yamlio.document import Json

    Mapping = dict[str, Json]
    Check = Callable[[Mapping], Iterator[SchemaFault]]

"""Rules of one HTTPRoute (Gateway API, HTTPRouteSpec.Rules, maxItems)."""

DEFAULT_PROTOCOLS: Final = {80: "HTTP", 443: "HTTPS"}
"""Client port -> protocol of a listener that names none."""

_PATH_FORMS: Final = (("path", ""), ("exact", "="), ("regex", "~"))
"""Field of a rule, and how the rule's key begins when that field names it."""


def faults(kind: str, document: Json) -> Iterator[SchemaFault]:
    """Yield the faults of a merged document that is right by its schema."""
    spec = _mapping(_mapping(document).get("spec"))
    for check in _CHECKS.get(kind, ()):
        yield from check(spec)


def _mapping(value: Json) -> Mapping:
    return value if isinstance(value, dict) else {}


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _invalid(path: Path, message: str, help_text: str = "") -> SchemaFault:
    return SchemaFault(path, INVALID_VALUE, message, help_text)


# --------------------------------------------------------------------------
# Cluster


def _gitops(spec: Mapping) -> Iterator[SchemaFault]:
    gitops = _mapping(spec.get("gitops"))
    tool = gitops.get("type", "none")
    path: Path = ("spec", "gitops")
    if tool != "none" and "repoURL" not in gitops:
        yield missing(path, "repoURL", "repository that holds the output")
    if tool == "argocd" and "destination" not in _mapping(gitops.get("argocd")):
        parent: Path = (*path, "argocd") if "argocd" in gitops else path
        name = "destination" if "argocd" in gitops else "argocd.destination"
        yield missing(parent, name, "name of this cluster in Argo CD")


def _gitops_path(spec: Mapping) -> Iterator[SchemaFault]:
    yield from _below_root(_mapping(spec.get("gitops")), "path", ("spec", "gitops"))


def _segment_names(spec: Mapping) -> Iterator[SchemaFault]:
    path: Path = ("spec", "network", "segments")
    yield from _named_once(_items(_mapping(spec.get("network")).get("segments")), path)


def _named_once(items: list[Json], path: Path) -> Iterator[SchemaFault]:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        name = str(_mapping(item).get("name"))
        if first.setdefault(name, index) != index:
            message = f"{field_text((*path, index))} has the name {quoted(name)} of {field_text((*path, first[name]))}"
            yield _invalid((*path, index, "name"), message, "give it another name")


def _below_root(owner: Mapping, field: str, path: Path) -> Iterator[SchemaFault]:
    value = owner.get(field)
    if isinstance(value, str) and {".", ".."} & set(value.split("/")):
        message = f"{field_text((*path, field))} {quoted(value)} is no plain path"
        yield _invalid((*path, field), message, 'write it without "." and ".." steps')


# --------------------------------------------------------------------------
# AddressPool


def _announced(spec: Mapping) -> Iterator[SchemaFault]:
    if "l2" not in spec and "bgp" not in spec:
        remedy = "add l2: {} to answer on every interface, or bgp with its peers"
        yield SchemaFault(("spec",), MISSING_FIELD, 'missing field "l2" or "bgp" in spec', remedy)
    if "l2" in spec and "segment" not in spec:
        yield missing(("spec",), "segment", "segment in which l2 announces the addresses")


# --------------------------------------------------------------------------
# Edge


def _vips(spec: Mapping) -> Iterator[SchemaFault]:
    for index, vip in enumerate(_items(spec.get("vips"))):
        if not _is_address(str(vip)):
            message = f"{quoted(vip)} is no IP address"
            yield _invalid(("spec", "vips", index), message, "write one IPv4 or IPv6 address")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _listener_names(spec: Mapping) -> Iterator[SchemaFault]:
    yield from _named_once(_items(spec.get("listeners")), ("spec", "listeners"))


def _listeners(spec: Mapping) -> Iterator[SchemaFault]:
    for index, item in enumerate(_items(spec.get("listeners"))):
        listener = _mapping(item)
        path: Path = ("spec", "listeners", index)
        port = listener.get("port")
        given = listener.get("protocol")
        protocol = given or (DEFAULT_PROTOCOLS.get(port) if isinstance(port, int) else None)
        if protocol is None:
            remedy = f"add protocol: HTTP, HTTPS, TLS or TCP; port {port} has no default"
            yield missing(path, "protocol", help_text=remedy)
            continue
        for check in _LISTENER_CHECKS:
            yield from check(listener, str(protocol), path)


def _certificate(listener: Mapping, protocol: str, path: Path) -> Iterator[SchemaFault]:
    if protocol == "HTTPS" and "certificate" not in listener:
        yield missing(path, "certificate", "name of the Secret that holds it")
    if protocol in {"HTTP", "TCP"} and "certificate" in listener:
        message = f"{field_text(path)} has a certificate, but its protocol is {protocol}"
        remedy = "remove certificate, or write protocol: HTTPS or TLS"
        yield _invalid((*path, "certificate"), message, remedy)


def _redirect_listener(listener: Mapping, protocol: str, path: Path) -> Iterator[SchemaFault]:
    if listener.get("redirect") is True and protocol != "HTTP":
        message = f"{field_text(path)} redirects, but its protocol is {protocol}"
        yield _invalid((*path, "redirect"), message, "redirect on a listener with protocol HTTP")


def _listener_hostname(listener: Mapping, protocol: str, path: Path) -> Iterator[SchemaFault]:
    if protocol == "TCP" and "hostname" in listener:
        message = f"{field_text(path)} has a hostname, but TCP carries none"
        yield _invalid((*path, "hostname"), message, "remove hostname")


def _listener_teams(listener: Mapping, protocol: str, path: Path) -> Iterator[SchemaFault]:
    teams = _items(listener.get("teams"))
    if "*" in teams and len(teams) > 1:
        message = f'{field_text((*path, "teams"))} names teams beside "*"'
        yield _invalid((*path, "teams"), message, 'keep "*" alone, or remove it')
        return
    if "hostname" in listener:
        return
    if protocol == "HTTPS" and not teams:
        remedy = "add hostname, or teams: the teams that may attach routes"
        yield missing(path, "teams", help_text=remedy)
    if protocol in {"TCP", "TLS"} and (len(teams) != 1 or "*" in teams):
        remedy = f"name the one team that uses the {protocol} listener"
        if not teams:
            yield missing(path, "teams", help_text=remedy)
        else:
            message = f"{field_text((*path, 'teams'))} is not one team, and the {protocol} listener has no hostname to tell teams apart"
            yield _invalid((*path, "teams"), message, remedy)


_LISTENER_CHECKS: Final = (_certificate, _redirect_listener, _listener_hostname, _listener_teams)


# --------------------------------------------------------------------------
# Route


def _answers(spec: Mapping) -> Iterator[SchemaFault]:
    path: Path = ("spec",)
    if "to" in spec and "redirect" in spec:
        yield _both(path, "to", "redirect")
    if not ("to" in spec or "redirect" in spec or _items(spec.get("rules"))):
        yield missing(path, "to", help_text="add to: service:port, redirect, or rules")


def _both(path: Path, one: str, other: str) -> SchemaFault:
    message = f"{field_text(path)} has both {one} and {other}"
    return _invalid((*path, other), message, f"keep {one} or {other}")


def _rule_keys(spec: Mapping) -> Iterator[SchemaFault]:
    first: dict[str, Path] = {}
    if "to" in spec or "redirect" in spec:
        first["/"] = ("spec", "to" if "to" in spec else "redirect")
    for index, item in enumerate(_items(spec.get("rules"))):
        rule = _mapping(item)
        path: Path = ("spec", "rules", index)
        key = rule_key(rule)
        holder = first.setdefault(key, path)
        if holder is not path:
            shared = "name" if "name" in rule else "path"
            message = f"{field_text(path)} has the {shared} {quoted(key)} of {field_text(holder)}"
            yield _invalid(path, message, "give it a name of its own, or merge the two")


def rule_key(rule: Mapping) -> str:
    """Return the key by which rules of a Route merge: `/api`, `=/exact`, `~regex` or the name."""
    name = rule.get("name")
    if isinstance(name, str):
        return name
    for field, sign in _PATH_FORMS:
        if isinstance(rule.get(field), str):
            return f"{sign}{rule[field]}"
    return "/"


def _rules(spec: Mapping) -> Iterator[SchemaFault]:
    for index, item in enumerate(_items(spec.get("rules"))):
        for check in _RULE_CHECKS:
            yield from check(_mapping(item), ("spec", "rules", index))


def _one_path(rule: Mapping, path: Path) -> Iterator[SchemaFault]:
    given = [field for field, _ in _PATH_FORMS if field in rule]
    if len(given) > 1:
        yield _both(path, given[0], given[1])


def _one_answer(rule: Mapping, path: Path) -> Iterator[SchemaFault]:
    if "to" in rule and "redirect" in rule:
        yield _both(path, "to", "redirect")
    if "to" not in rule and "redirect" not in rule:
        yield missing(path, "to", help_text="add to: service:port, or redirect")
    if "rewrite" in rule and "redirect" in rule:
        yield _both(path, "redirect", "rewrite")


def _prefixes(rule: Mapping, path: Path) -> Iterator[SchemaFault]:
    for field in ("redirect", "rewrite"):
        if field not in rule:
            continue
        change = _mapping(rule[field])
        where: Path = (*path, field)
        if "path" in change and "prefix" in change:
            yield _both(where, "path", "prefix")
        elif "prefix" in change and ("exact" in rule or "regex" in rule):
            matched = "exact" if "exact" in rule else "regex"
            message = f"{field_text((*where, 'prefix'))} replaces a prefix, but the rule matches by {matched}"
            yield _invalid((*where, "prefix"), message, f"match by path, or write {field}.path")


def _short_redirect(spec: Mapping) -> Iterator[SchemaFault]:
    change = _mapping(spec.get("redirect"))
    if "path" in change and "prefix" in change:
        yield _both(("spec", "redirect"), "path", "prefix")


def _backends(spec: Mapping) -> Iterator[SchemaFault]:
    yield from _backend_list(spec.get("to"), ("spec", "to"))
    for index, item in enumerate(_items(spec.get("rules"))):
        to = _mapping(item).get("to")
        if isinstance(to, list):
            yield from _backend_list(to, ("spec", "rules", index, "to"))


def _backend_list(to: Json, path: Path) -> Iterator[SchemaFault]:
    for index, item in enumerate(_items(to)):
        backend = _mapping(item)
        where: Path = (*path, index)
        if "traefikService" in backend:
            extra = next((name for name in _SERVICE_FIELDS if name in backend), None)
            if extra is not None:
                yield _both(where, "traefikService", extra)
        elif "service" not in backend:
            remedy = "add service and port, or traefikService"
            yield missing(where, "service", help_text=remedy)
        elif "port" not in backend:
            yield missing(where, "port", "port of the Service")


_SERVICE_FIELDS: Final = ("service", "port", "namespace")
_RULE_CHECKS: Final = (_one_path, _one_answer, _prefixes)


# --------------------------------------------------------------------------
# RouteTest


def _expectations(spec: Mapping) -> Iterator[SchemaFault]:
    for index, item in enumerate(_items(spec.get("tests"))):
        expect = _mapping(_mapping(item).get("expect"))
        path: Path = ("spec", "tests", index, "expect")
        if set(expect) == {"verdict"}:
            yield missing(path, "outcome", help_text="say what is expected: backend, redirect …")
        for other in ("redirect", "status"):
            if "backend" in expect and other in expect:
                yield _both(path, "backend", other)


# --------------------------------------------------------------------------
# Selectors and policies


def _team_clusters(spec: Mapping) -> Iterator[SchemaFault]:
    yield from _selector(spec.get("clusters"), ("spec", "clusters"))


def _policy_clusters(spec: Mapping) -> Iterator[SchemaFault]:
    match = _mapping(spec.get("match"))
    yield from _selector(match.get("clusters"), ("spec", "match", "clusters"))


def _node_selectors(spec: Mapping) -> Iterator[SchemaFault]:
    for way in ("l2", "bgp"):
        for index, selector in enumerate(_items(_mapping(spec.get(way)).get("nodeSelectors"))):
            yield from _selector(selector, ("spec", way, "nodeSelectors", index))


def _selector(selector: Json, path: Path) -> Iterator[SchemaFault]:
    for index, item in enumerate(_items(_mapping(selector).get("matchExpressions"))):
        condition = _mapping(item)
        operator = condition.get("operator")
        where: Path = (*path, "matchExpressions", index)
        has_values = bool(_items(condition.get("values")))
        if operator in {"In", "NotIn"} and not has_values:
            yield missing(where, "values", help_text=f"add values: {operator} needs one at least")
        elif operator in {"Exists", "DoesNotExist"} and has_values:
            message = f"{field_text(where)} has values, but {operator} takes none"
            yield _invalid((*where, "values"), message, "remove values")


def _expiry(spec: Mapping) -> Iterator[SchemaFault]:
    from datetime import date

    expires = str(spec.get("expires"))
    try:
        date.fromisoformat(expires)
    except ValueError:
        message = f"spec.expires {quoted(expires)} is no day of the calendar"
        yield _invalid(("spec", "expires"), message, "write a date as YYYY-MM-DD")


def _output_folder(spec: Mapping) -> Iterator[SchemaFault]:
    yield from _below_root(spec, "output", ("spec",))


_CHECKS: Final[dict[str, tuple[Check, ...]]] = {
    "Cluster": (_gitops, _gitops_path, _segment_names),
    "AddressPool": (_announced, _node_selectors),
    "Edge": (_vips, _listener_names, _listeners),
    "Team": (_team_clusters,),
    "Route": (_answers, _rule_keys, _rules, _short_redirect, _backends),
    "Settings": (_output_folder,),
    "Exemption": (_expiry,),
    "Policy": (_policy_clusters,),
    "RouteTest": (_expectations,),
}
