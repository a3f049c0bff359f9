"""The shipped example as it is rendered, served by Traefiks that its generated values configure."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kube_api import KubeApi
from real_traefik import STARTING, Bench, administration, free_ports, routers_of, traefik
from repositories import PROJECT
from world import Bound, Key, Manifest, Slot, World, secret, service, slices_of

from edgegen.app.judge import load_cluster
from edgegen.sources import WorkTree

RENDERED = PROJECT / "rendered"
ROUTES = ("HTTPRoute", "GRPCRoute")
_SERVED = ("v1", "gateway.networking.k8s.io/", "traefik.io/")
"""API groups that Traefik reads; those of MetalLB, Argo CD and Flux it does not."""


@dataclass(frozen=True, slots=True)
class Example:
    """A cluster of the example, served: edge -> what is needed to ask it."""

    edges: Mapping[str, Bound]
    api: KubeApi


@contextmanager
def served(bench: Bench, cluster: str) -> Iterator[Example]:
    """Serve a rendered cluster, one Traefik for each of its edges."""
    free = free_ports()
    folder = RENDERED / cluster
    names = sorted(path.name for path in (folder / "traefik").iterdir())
    values = {name: _values(folder / "traefik" / name) for name in names}
    manifests = list(_manifests(folder))
    backends: dict[int, Key] = {}
    slices = list(_made_up(manifests, bench, backends))
    api = KubeApi()
    logs = Path(tempfile.mkdtemp(prefix="real-traefik-"))
    merged = load_cluster(WorkTree(PROJECT), cluster)
    try:
        edges: dict[str, Bound] = {}
        for name in names:
            # Both edges listen on the same ports in their own pods: here on ports of their own.
            ports = {key: next(free) for key in ("web", "websecure")}
            moved = {values[name]["ports"][key]["port"]: port for key, port in ports.items()}
            own = [_moved(m, moved) for m in manifests if _concerns(m, name)]
            api.add(own)
            world = World(name, (), told=True)
            edges[name] = Bound(world, Slot("", ports), tuple(own), (), backends, merged)
        api.add(slices)
        with _started(edges, values, api, iter(free), logs):
            yield Example(edges, api)
    finally:
        api.close()
        shutil.rmtree(logs)


@contextmanager
def _started(
    edges: Mapping[str, Bound],
    values: Mapping[str, Any],
    api: KubeApi,
    free: Iterator[int],
    logs: Path,
) -> Iterator[None]:
    name, *rest = edges
    admin = next(free)
    arguments = [*administration(admin), *arguments_of(values[name], edges[name].slot.ports, api)]
    with (
        (logs / name).open("wb") as output,
        traefik(arguments, output) as process,
    ):
        deadline = time.monotonic() + STARTING
        while not _loaded(admin, edges[name]):
            assert process.poll() is None, (logs / name).read_text()
            assert time.monotonic() < deadline, (logs / name).read_text()
            time.sleep(0.01)
        if not rest:
            yield
            return
        with _started({key: edges[key] for key in rest}, values, api, free, logs):
            yield


def _loaded(admin: int, edge: Bound) -> bool:
    """Say whether every route of an edge has its routers, with their Middlewares."""
    routers = routers_of(admin)
    wanted = [m["metadata"]["name"] for m in edge.manifests if m["kind"] in ROUTES]
    mine = [router for name, router in routers.items() if name.endswith("@kubernetesgateway")]
    return all(router["status"] == "enabled" for router in mine) and all(
        any(f"-{name}-" in router for router in routers) for name in wanted
    )


def arguments_of(values: Manifest, ports: Mapping[str, int], api: KubeApi) -> list[str]:
    """Return the arguments that the chart makes of values, with ports of the loopback."""
    made: list[str] = []
    for name, port in ports.items():
        base = f"--entryPoints.{name}"
        made.append(f"{base}.address=127.0.0.1:{port}")
        web = values["ports"][name].get("http", {})
        if web.get("middlewares"):
            made.append(f"{base}.http.middlewares={','.join(web['middlewares'])}")
        if web.get("tls", {}).get("enabled"):
            made.append(f"{base}.http.tls=true")
    for name in ("kubernetesCRD", "kubernetesGateway"):
        base = f"--providers.{name}"
        made += [f"{base}.endpoint={api.endpoint}", f"{base}.token=token"]
        made += _flat(base, values["providers"][name])
    return made


def _flat(base: str, value: Any) -> Iterator[str]:
    for key, item in value.items():
        if key == "enabled":
            continue
        if isinstance(item, dict):
            yield from _flat(f"{base}.{key}", item)
        elif isinstance(item, list):
            yield f"{base}.{key}={','.join(item)}"
        else:
            yield f"{base}.{key}={str(item).lower() if isinstance(item, bool) else item}"


def _values(folder: Path) -> Manifest:
    found: Manifest = yaml.safe_load((folder / "values.yaml").read_text())
    return found


def _manifests(folder: Path) -> Iterator[Manifest]:
    for path in sorted(folder.rglob("*.yaml")):
        if path.name in ("kustomization.yaml", "values.yaml") or "argocd" in path.parts:
            continue
        for document in yaml.safe_load_all(path.read_text()):
            if document.get("apiVersion", "").startswith(_SERVED):
                yield document


def _concerns(manifest: Manifest, edge: str) -> bool:
    """Say whether a manifest is of one edge, or of none in particular."""
    parents = [ref["namespace"] for ref in manifest.get("spec", {}).get("parentRefs", ())]
    own = [manifest["metadata"].get("namespace", "")] if manifest["kind"] == "Gateway" else parents
    return not own or f"traefik-{edge}" in own


def _moved(value: Any, ports: Mapping[int, int], key: str = "") -> Any:
    """Replace the ports of listeners and parentRefs; those of backends stay."""
    if isinstance(value, dict):
        return {
            k: item if k == "backendRefs" else _moved(item, ports, k) for k, item in value.items()
        }
    if isinstance(value, list):
        return [_moved(item, ports, key) for item in value]
    return ports.get(value, value) if key == "port" else value


def _made_up(
    manifests: list[Manifest], bench: Bench, backends: dict[int, Key]
) -> Iterator[Manifest]:
    """Yield what lives with the applications: Services, endpoints, certificates; and VIPs."""
    echoes = iter(bench.ports)
    names: dict[tuple[str, str], int] = {}
    for manifest in manifests:
        namespace = manifest["metadata"].get("namespace", "")
        for rule in manifest.get("spec", {}).get("rules", ()) if manifest["kind"] in ROUTES else ():
            for ref in rule.get("backendRefs", ()):
                names[ref.get("namespace", namespace), ref["name"]] = ref["port"]
        for listener in manifest.get("spec", {}).get("listeners", ()):
            for ref in listener.get("tls", {}).get("certificateRefs", ()):
                place = ref.get("namespace", namespace)
                yield secret(place, ref["name"], bench.certificate)
        if manifest["kind"] == "Gateway":
            vip = service(namespace, namespace)
            yield {**vip, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    for (namespace, name), port in names.items():
        made = service(namespace, name, port)
        yield made
        yield from slices_of(made, echoes, backends)
    for namespace in {namespace for namespace, _ in names}:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
