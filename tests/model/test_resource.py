from __future__ import annotations

from edgegen.model.ids import ResourceId, parse_resource_name
from edgegen.model.resource import How, Origin, Resource
from edgegen.yamlio import Document, read_bytes


def document(text: str, path: str = "a.yaml") -> Document:
    return read_bytes(path, text.encode()).documents[0]


LOW = document(
    "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec: {x: 1, y: 2}\n"
)
HIGH = document("apiVersion: v1\nkind: Service\nspec: {y: 3}\n", "b.yaml")


def merged() -> Resource:
    value = {**LOW.value, "spec": {"x": 1, "y": 3}}
    return Resource(value, Origin(LOW), {("spec", "y"): Origin(HIGH, ("spec", "y"))})


def test_identity_of_a_resource() -> None:
    resource = merged()
    assert resource.id == ResourceId("", "Service", "shop", "a")
    assert str(resource.id) == "Service/shop/a"
    assert str(ResourceId("cert-manager.io", "Issuer", "n", "a")) == "Issuer.cert-manager.io/n/a"


def test_hostile_metadata_yields_empty_names() -> None:
    resource = Resource({"kind": 3, "metadata": ["x"], "spec": "text"}, Origin(LOW))
    assert resource.id == ResourceId("", "3", "", "")
    assert resource.spec == {}
    assert resource.labels == {}


def test_the_nearest_seam_names_the_origin() -> None:
    resource = merged()
    assert resource.at("spec", "x").file == "a.yaml"
    assert resource.at("spec", "y").file == "b.yaml"
    assert resource.at("spec", "y").path == ("spec", "y")
    assert resource.at("metadata", "name").path == ("metadata", "name")


def test_a_derived_value_leads_to_the_field_that_decided_it() -> None:
    route = merged()
    derived = Resource(
        {"apiVersion": "x/v1", "kind": "Out", "spec": {"port": {"number": 8443}}},
        Origin(route, (), How.DERIVED),
        {("spec", "port"): Origin(route, ("spec", "y"), How.DERIVED, "mapped")},
    )
    chain = derived.chain(("spec", "port", "number"))
    assert [origin.how for origin in chain] == [How.DERIVED, How.WRITTEN]
    assert chain[0].note == "mapped"
    spot = derived.at("spec", "port", "number")
    assert (spot.file, spot.path) == ("b.yaml", ("spec", "y"))
    assert spot.field == ("spec", "port", "number")


def test_names_of_resources_as_people_write_them() -> None:
    assert parse_resource_name("HTTPRoute/pay/checkout") == ("", "HTTPRoute", "pay", "checkout")
    assert parse_resource_name("GatewayClass/traefik") == ("", "GatewayClass", "", "traefik")
    assert parse_resource_name("Issuer.cert-manager.io/n/a") == (
        "cert-manager.io",
        "Issuer",
        "n",
        "a",
    )
