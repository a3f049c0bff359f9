"""Native resources of a cluster: which schema judges them, and what is said."""

from __future__ import annotations

import pytest
import yaml

from edgegen.diagnostics import Severity
from edgegen.model.cluster import Cluster
from edgegen.model.facts import Facts
from edgegen.model.fault import Fault
from edgegen.model.resource import How, Origin, Resource
from edgegen.rules import RULES
from edgegen.schema import fault as fault_names
from edgegen.schema.crdrules import BROKEN_RULE, NOT_EVALUATED
from edgegen.schema.crossfield.breach import CROSSFIELD_RULES
from edgegen.schema.definitions import definitions_of
from edgegen.schema.native import Validation, validate_cluster
from edgegen.yamlio.document import Document

STANDARD = Facts(gateway_api="1.6.1", metallb_chart="0.16.1", kubernetes="1.34")


def resource(text: str) -> Resource:
    value = yaml.safe_load(text)
    return Resource(value, Origin(Document("a.yaml", 0, 1, text, value)))


def validated(text: str, facts: Facts = STANDARD, **more: object) -> Validation:
    resources = [resource(part) for part in text.split("\n---\n")]
    return validate_cluster(Cluster("a", facts, resources), **more)


def found(text: str, facts: Facts = STANDARD) -> list[tuple[str, str, str]]:
    """Rule, message and help of each fault."""
    return [(fault.rule, fault.message, fault.help) for fault in validated(text, facts).faults]


def route(rule: str, version: str = "v1") -> str:
    return f"""
apiVersion: gateway.networking.k8s.io/{version}
kind: HTTPRoute
metadata: {{name: a, namespace: b}}
spec:
  hostnames: [a.example.org]
  rules: [{rule}]
"""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "{matches: [{hostname: a.example.org}]}",
            (
                'unknown field "hostname" in spec.rules[0].matches[0];'
                " without it the match takes every request",
                "hostnames stand in spec.hostnames, for all rules",
            ),
        ),
        (
            "{matches: [{hostname: a, path: {value: /a}}]}",
            (
                'unknown field "hostname" in spec.rules[0].matches[0]',
                "hostnames stand in spec.hostnames, for all rules",
            ),
        ),
        ("{forwardTo: []}", ('unknown field "forwardTo" in spec.rules[0]', "write backendRefs")),
        (
            "{backendRef: []}",
            ('unknown field "backendRef" in spec.rules[0]', 'did you mean "backendRefs"?'),
        ),
    ],
)
def test_unknown_fields_say_where_they_belong(rule: str, words: tuple[str, str]) -> None:
    assert found(route(rule)) == [("unknown-field", *words)]


def test_a_missing_field_has_a_place_of_its_own() -> None:
    (fault,) = validated(route("{backendRefs: [{port: 80}]}")).faults
    assert fault.rule == "missing-field"
    assert fault.at.field == ("spec", "rules", 0, "backendRefs", 0, "name")
    assert fault.message == 'missing field "name" in spec.rules[0].backendRefs[0]'


OLD = Facts(gateway_api="1.1.0")
EXPERIMENTAL = Facts(gateway_api="1.6.1", gateway_channel="experimental")


@pytest.mark.parametrize(
    ("rule", "facts", "message", "severity"),
    [
        (
            "{timeouts: {request: 1s}}",
            OLD,
            'field "timeouts" exists since Gateway API 1.2.0, the cluster has 1.1.0',
            None,
        ),
        (
            "{retry: {attempts: 1}}",
            STANDARD,
            'field "retry" is in the experimental channel only,'
            " the cluster has the standard channel of Gateway API 1.6.1",
            None,
        ),
        (
            "{retry: {attempts: 1}}",
            Facts(),
            'field "retry" is in the experimental channel only,'
            " the cluster is taken to have the standard channel of Gateway API 1.6.1",
            Severity.WARNING,
        ),
        (
            "{retry: {attempts: 1}}",
            Facts(gateway_api="1.1.0", gateway_channel="experimental"),
            'field "retry" exists since Gateway API 1.2.0, the cluster has 1.1.0',
            None,
        ),
        (
            "{filters: [{type: CORS, cors: {maxAge: 1}}]}",
            OLD,
            'field "cors" exists since Gateway API 1.5.0, the cluster has 1.1.0',
            None,
        ),
        (
            "{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 308}}]}",
            OLD,
            "value 308 exists since Gateway API 1.5.0, the cluster has 1.1.0",
            None,
        ),
    ],
)
def test_what_a_release_or_channel_lacks(
    rule: str, facts: Facts, message: str, severity: Severity | None
) -> None:
    (fault,) = validated(route(rule), facts).faults
    assert (fault.rule, fault.message) == ("field-not-in-release", message)
    assert fault.severity is severity


def test_what_the_experimental_channel_has() -> None:
    assert found(route("{retry: {attempts: 1, codes: [500]}}"), EXPERIMENTAL) == []


def test_a_value_that_never_existed_is_invalid() -> None:
    words = found(route("{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 300}}]}"))
    assert words[0][:2] == (
        "invalid-value",
        "300 is not a value of spec.rules[0].filters[0].requestRedirect.statusCode",
    )


def kind(version: str, name: str, spec: str = "{}") -> str:
    return f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a}}\nspec: {spec}\n"


GATEWAY = "gateway.networking.k8s.io"


@pytest.mark.parametrize(
    ("text", "facts", "words"),
    [
        (
            kind(f"{GATEWAY}/v1alpha2", "HTTPRoute"),
            STANDARD,
            (
                "version-not-served",
                "the standard channel of Gateway API 1.6.1 does not serve v1alpha2 of HTTPRoute",
                "write v1",
            ),
        ),
        (
            kind(f"{GATEWAY}/v1", "TCPRoute"),
            Facts(gateway_api="1.5.1"),
            (
                "version-not-served",
                "the standard channel of Gateway API 1.5.1 does not serve v1 of TCPRoute",
                "it exists since 1.6.0",
            ),
        ),
        (
            kind(f"{GATEWAY}/v1alpha2", "TCPRoute"),
            STANDARD,
            (
                "version-not-served",
                "the standard channel of Gateway API 1.6.1 does not serve v1alpha2 of TCPRoute",
                "write v1",
            ),
        ),
        (
            kind(
                f"{GATEWAY}/v1alpha2", "TCPRoute", "{rules: [{backendRefs: [{name: a, port: 1}]}]}"
            ),
            EXPERIMENTAL,
            ("deprecated-version", "v1alpha2 of TCPRoute is deprecated", "write v1"),
        ),
        (
            kind("metallb.io/v1beta2", "AddressPool"),
            STANDARD,
            (
                "version-not-served",
                "no release that edgegen knows serves v1beta2 of AddressPool",
                "write v1beta1",
            ),
        ),
        (
            kind("metallb.io/v1beta1", "AddressPool"),
            STANDARD,
            (
                "removed-kind",
                "MetalLB has no AddressPool any more",
                "write IPAddressPool with an L2Advertisement or BGPAdvertisement",
            ),
        ),
        (
            kind("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
            EXPERIMENTAL,
            (
                "removed-kind",
                "Gateway API has no XListenerSet any more",
                "write ListenerSet of gateway.networking.k8s.io/v1",
            ),
        ),
        (
            kind("networking.x-k8s.io/v1alpha1", "Gateway"),
            STANDARD,
            (
                "removed-kind",
                "networking.x-k8s.io was the group of the Gateway API before release 0.5.0",
                "write Gateway of gateway.networking.k8s.io/v1",
            ),
        ),
        (
            kind("traefik.io/v1alpha1", "Middlewares"),
            STANDARD,
            (
                "version-not-served",
                'traefik.io has no kind "Middlewares"',
                'did you mean "Middleware"?',
            ),
        ),
        (
            kind(f"{GATEWAY}/v1beta1", "GatewayClass", "{controllerName: a.example/b}"),
            STANDARD,
            (
                "superseded-version",
                "v1beta1 of GatewayClass is superseded by v1",
                "write v1: nothing else changes",
            ),
        ),
    ],
)
def test_versions(text: str, facts: Facts, words: tuple[str, str, str]) -> None:
    assert found(text, facts) == [words]


def test_an_experimental_kind_without_facts_is_a_warning_and_judged() -> None:
    text = kind("gateway.networking.x-k8s.io/v1alpha1", "XMesh", "{controllerNam: a.example/b}")
    faults = validated(text, Facts()).faults
    assert [(fault.rule, fault.severity) for fault in faults] == [
        ("version-not-served", Severity.WARNING),
        ("unknown-field", None),
    ]


def test_rules_that_v1_does_not_take() -> None:
    rules = "{rules: [{backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: b, port: 2}]}]}"
    text = kind(f"{GATEWAY}/v1alpha2", "UDPRoute", rules)
    faults = validated(text, EXPERIMENTAL).faults
    assert [(f.rule, f.at.field) for f in faults] == [
        ("deprecated-version", ("apiVersion",)),
        ("rules-lost-in-v1", ("spec", "rules", 1)),
    ]
    assert faults[1].message == "2 rules, v1 of UDPRoute takes 1"
    old = Facts(gateway_api="1.5.0", gateway_channel="experimental")
    assert found(text, old) == []


def test_nulls_that_are_dropped() -> None:
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a, namespace: b, labels: null}
spec:
  hostnames: null
  parentRefs: [{name: a, port: null}]
  rules: [{backendRefs: [{name: null}]}]
"""
    assert [(f.rule, f.at.field) for f in validated(text).faults] == [
        ("null-field", ("spec", "hostnames")),
        ("missing-field", ("spec", "rules", 0, "backendRefs", 0, "name")),
    ]


def test_values_that_nobody_may_read() -> None:
    hidden = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 4711}\n"
    peer = kind("metallb.io/v1beta2", "BGPPeer", "{myASN: 1, password: 4711}")
    for text in (hidden, peer):
        ((_, message, _),) = found(text)
        assert "4711" not in message
        assert '"***"' in message


def test_what_is_counted() -> None:
    validation = validated(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
        "apiVersion: v1\nkind: Unheard\nmetadata: {name: a}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
        "spec: {selector: {}, template: {}}\n---\n"
        "apiVersion: example.org/v1\nkind: A\nmetadata: {name: a}\n---\n"
        "apiVersion: edgegen.dev/v1alpha1\nkind: Cluster\nmetadata: {name: a}\n"
    )
    assert validation == Validation((), not_validated=1, validated_others=1)


CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bfdprofiles.metallb.io}
spec:
  group: metallb.io
  scope: Namespaced
  names: {kind: BFDProfile, plural: bfdprofiles}
  versions:
  - name: v1beta1
    served: true
    deprecated: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {mine: {type: string}}}}
  - name: v1
    served: true
"""
PROFILE = kind("metallb.io/v1beta1", "BFDProfile", "{mine: 1, echoMode: true}")
BY_CRD = [
    ("deprecated-version", ("apiVersion",)),
    ("unknown-field", ("spec", "echoMode")),
    ("wrong-type", ("spec", "mine")),
]


def test_the_clusters_own_definition_takes_the_place_of_ours() -> None:
    faults = validated(f"{PROFILE}\n---\n{CRD}").faults
    assert [(fault.rule, fault.at.field) for fault in faults] == BY_CRD
    given = definitions_of([yaml.safe_load(CRD)])
    faults = validated(PROFILE, definitions=given).faults
    assert [(fault.rule, fault.at.field) for fault in faults] == BY_CRD


def test_a_version_that_the_definition_does_not_serve() -> None:
    words = found(f"{kind('metallb.io/v2', 'BFDProfile')}\n---\n{CRD}")
    message = "the CustomResourceDefinition does not serve v2 of BFDProfile"
    assert words == [("version-not-served", message, "write v1beta1")]


def test_a_definition_that_cannot_be_used_judges_nothing() -> None:
    broken = CRD.replace("{mine: {type: string}}", "{mine: {type: string, pattern: '(?=a)'}}")
    validation = validated(f"{PROFILE}\n---\n{broken}")
    assert [fault.rule for fault in validation.faults] == ["deprecated-version"]


def test_what_an_earlier_stage_said_is_not_said_again() -> None:
    text = route("{backendRefs: [{name: a, port: x}]}")
    (fault,) = validated(text).faults
    assert fault.rule == "wrong-type"
    assert validated(text, known=[fault.at]).faults == ()
    inside = Fault("other", resource(text).at(*fault.at.field, 0), "")
    assert validated(text, known=[inside.at]).faults == ()
    elsewhere = Fault("other", resource(text).at("spec", "hostnames"), "")
    assert validated(text, known=[elsewhere.at]).faults == (fault,)


def test_what_comes_from_a_faulty_document_is_not_judged() -> None:
    written = resource(kind("edgegen.dev/v1alpha1", "Route"))
    value = yaml.safe_load(route("{backendRefs: [{name: a, port: x}]}"))
    derived = Resource(value, Origin(written, ("spec",), How.DERIVED))
    cluster = Cluster("a", STANDARD, [derived])
    assert len(validate_cluster(cluster).faults) == 1
    elsewhere = written.at("metadata", "name")
    assert validate_cluster(cluster, known=[elsewhere]).faults == ()


def test_a_declared_resource_may_be_a_part() -> None:
    text = route("{backendRefs: [{port: 80, prot: 1}]}").replace(
        "namespace: b", "namespace: b, annotations: {edgegen.dev/emit: 'false'}"
    )
    assert [fault.rule for fault in validated(text).faults] == ["unknown-field"]


def facts_with(kubernetes: str = "1.34", metallb: str = "0.16.1") -> Facts:
    document = kind("edgegen.dev/v1alpha1", "Cluster")
    return Facts(kubernetes=kubernetes, metallb_chart=metallb, resource=resource(document))


def test_releases_beyond_what_is_known() -> None:
    text = f"{kind('metallb.io/v1beta1', 'BFDProfile', '{new: 1}')}\n---\n"
    text += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    assert [f.severity for f in validated(text, facts_with()).faults] == [None]
    faults = validated(text, facts_with("1.999", "9.0.0")).faults
    assert [(f.rule, f.severity) for f in faults] == [
        ("unknown-field", Severity.WARNING),
        ("release-beyond-known", None),
        ("release-beyond-known", None),
    ]
    assert faults[1].message == "edgegen knows MetalLB up to 0.16.1, and judges by that"


@pytest.mark.parametrize(
    "value",
    [
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": []},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": 3},
        {"apiVersion": "v1", "kind": "Service", "metadata": None, "spec": {"ports": [None, 3]}},
        {"apiVersion": "a/b/c", "kind": "X"},
        {"apiVersion": "/", "kind": "/"},
        {"apiVersion": "v1", "kind": "../../etc/passwd"},
        {"apiVersion": f"{GATEWAY}/v1", "kind": "Gateway", "spec": {"listeners": {"a": [{}]}}},
        {
            "apiVersion": f"{GATEWAY}/v1",
            "kind": "Gateway",
            "spec": {"listeners": [[], 1, "\ud800"]},
        },
        {"apiVersion": "metallb.io/v1beta1", "kind": "BFDProfile", "spec": {"echoMode": 10**5000}},
    ],
)
def test_hostile_values_are_no_crash(value: dict[str, object]) -> None:
    validate_cluster(
        Cluster("a", STANDARD, [Resource(value, Origin(Document("a", 0, 1, "", value)))])
    )


def test_a_value_nested_too_deep_is_a_fault() -> None:
    deep: object = "x"
    for _ in range(300):
        deep = {"a": deep}
    value = yaml.safe_load(kind("traefik.io/v1alpha1", "Middleware"))
    value["spec"] = {"chain": {"middlewares": deep}}
    cluster = Cluster("a", STANDARD, [Resource(value, Origin(Document("a", 0, 1, "", value)))])
    (fault,) = validate_cluster(cluster).faults
    assert fault.message == 'the document cannot be validated: "recursion limit reached"'


def test_every_rule_that_validation_names_is_in_the_table() -> None:
    named = {
        value
        for name, value in vars(fault_names).items()
        if name.isupper() and isinstance(value, str)
    }
    named |= {*CROSSFIELD_RULES, BROKEN_RULE, NOT_EVALUATED}
    assert named == {rule.name for rule in RULES if rule.family == "SC"}
