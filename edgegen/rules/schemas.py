"""Rules whose findings come from schemas: those of edgegen's kinds, and of native ones.

Validation meets the fault and names the rule; here stand code, severity and documentation.
"""

from __future__ import annotations

from edgegen.diagnostics import Severity
from edgegen.rules.base import Rule, input_rule

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_SINCE = "0.1.0"


def _rule(
    code: str, name: str, severity: Severity, title: str, why: str, fix: str, source: str
) -> Rule:
    documentation = (
        f"{title}\n\n## Why is this bad\n{why}\n\n## How to fix\n{fix}\n\n## Source\n{source}"
    )
    return input_rule(code, name, severity, _SINCE, documentation)


_SCHEMAS = (
    "schemas/, the JSON Schemas of edgegen's kinds; the CRDs of Gateway API 1.6.1, MetalLB 0.16.1 and Traefik 3.7;"
    " the OpenAPI schemas of Kubernetes 1.25 to 1.37."
)
_BUNDLES = (
    "Gateway API, config/crd/standard and config/crd/experimental at the tags v0.5.0 to v1.6.1; MetalLB 0.16.1,"
    " config/crd/bases."
)

_ACROSS = (
    "x-kubernetes-validations in the CRDs of Gateway API 1.6.1 (config/crd) and Traefik 3.7; kubebuilder markers in"
    " apis/v1 and apisx/v1alpha1."
)

SCHEMA_RULES: tuple[Rule, ...] = (
    _rule(
        "SC001",
        "unknown-field",
        _ERROR,
        "A field does not exist.",
        "A misspelt field is dropped without a word, and what it was to restrict stays open. A match that loses its"
        " only field takes every request of every host.",
        "Correct the spelling; the help names the nearest field, or where the value belongs.",
        _SCHEMAS,
    ),
    _rule(
        "SC002",
        "wrong-type",
        _ERROR,
        "A value has the wrong type.",
        "The API server refuses it, or edgegen cannot read it.",
        "Write a value of the type that the message names; quote a string that looks like a number.",
        _SCHEMAS,
    ),
    _rule(
        "SC003",
        "missing-field",
        _ERROR,
        "A required field is missing after merging.",
        "No layer sets it, so nothing can be generated from the resource; the API server refuses a native one.",
        "Set it in the layer where it is common to all clusters, or in the cluster.",
        _SCHEMAS,
    ),
    _rule(
        "SC004",
        "invalid-value",
        _ERROR,
        "A value is not one of those that its field allows.",
        "The API server refuses it, or what would be generated from it could not work.",
        "Use a value that the message or the help names.",
        _SCHEMAS,
    ),
    _rule(
        "SC005",
        "invalid-kind",
        _ERROR,
        "A document of edgegen's API group has an unknown kind or version.",
        "It would have no effect.",
        "Correct the kind; `edgegen.dev/v1alpha1` is the only version.",
        "schemas/, the JSON Schemas of edgegen's kinds.",
    ),
    _rule(
        "SC006",
        "version-not-served",
        _ERROR,
        "No CRD of the cluster serves this version of a kind.",
        "The API server knows no such kind and refuses the whole sync. Where the cluster does not say what it runs,"
        " the newest release with its standard channel is taken, and what only the experimental channel has is a"
        " warning.",
        "Write the version that the help names, or install the release or channel that serves it.",
        _BUNDLES,
    ),
    _rule(
        "SC007",
        "superseded-version",
        Severity.INFO,
        "A version is served, and a newer one with the same fields is what is stored.",
        "It works until the day on which it is served no more.",
        "Change the apiVersion; nothing else changes.",
        _BUNDLES,
    ),
    _rule(
        "SC008",
        "deprecated-version",
        _WARNING,
        "A version is deprecated.",
        "The API server warns at every sync, a later release refuses it, and the standard channel may do so today.",
        "Write the version that the help names; some fields may have to change with it.",
        _BUNDLES,
    ),
    _rule(
        "SC009",
        "removed-kind",
        _ERROR,
        "A kind does not exist any more.",
        "The API server knows no such kind and refuses the whole sync.",
        "Write the kind that took its place.",
        _BUNDLES,
    ),
    _rule(
        "SC010",
        "field-not-in-release",
        _ERROR,
        "A field or value is newer than the cluster's release, or in its experimental channel only.",
        "The API server drops such a field without a word, or refuses such a value. Where the cluster does not say"
        " what it runs, this is a warning.",
        "Leave it out, or update the CRDs first.",
        _BUNDLES,
    ),
    _rule(
        "SC011",
        "crd-bundle-mismatch",
        _ERROR,
        "CRDs of the Gateway API are of different releases or channels.",
        "Kinds refer to each other, and controllers support whole bundles. From 1.5.0 on an admission policy refuses"
        " experimental CRDs over standard ones, and CRDs of older releases.",
        "Take all CRDs from one release and one channel, those that the Cluster document names.",
        "Gateway API 1.6.1, config/crd/standard/gateway.networking.k8s.io_vap_safeupgrades.yaml.",
    ),
    _rule(
        "SC012",
        "null-field",
        _WARNING,
        "A list or mapping of a native resource is null.",
        "The API server takes it as absent: `hostnames:` with nothing below it leaves a route open to every host, and"
        " `compress:` compresses nothing.",
        "Give it a value (`{}` is one), or remove the key.",
        "Kubernetes 1.37, apiextensions-apiserver, pkg/apiserver/schema/defaulting/prunenulls.go.",
    ),
    _rule(
        "SC013",
        "rules-lost-in-v1",
        _ERROR,
        "A route of an old version has more rules than the current one takes.",
        "TCPRoute, TLSRoute and UDPRoute have had up to 16 rules in v1alpha2 and have exactly one in v1, which is"
        " what the cluster stores.",
        "Write one route for each rule.",
        "Gateway API 1.6.1, apis/v1alpha2/tcproute_types.go and apis/v1/tcproute_types.go.",
    ),
    _rule(
        "SC014",
        "release-beyond-known",
        Severity.INFO,
        "A cluster runs a release that is newer than what edgegen knows.",
        "Resources are judged by the newest schemas that there are: new fields look unknown (a warning then).",
        "Update edgegen, or put the CRDs of the cluster into schemas/crds/.",
        "edgegen/schema/kinds/native; data of the package kubernetes-validate.",
    ),
    _rule(
        "SC015",
        "union-field-mismatch",
        _ERROR,
        "A type and the field that goes with it do not agree.",
        "The API server refuses the whole resource: of a union exactly the field of its type may be set, and has to"
        " be.",
        "Write the field of the type, or the type of the field.",
        _ACROSS,
    ),
    _rule(
        "SC016",
        "fields-exclude-each-other",
        _ERROR,
        "Two fields or values stand together of which there may be one.",
        "The API server refuses the whole resource.",
        "Keep one of the two.",
        _ACROSS,
    ),
    _rule(
        "SC017",
        "field-needed-here",
        _ERROR,
        "A field is missing that another one makes necessary.",
        "The API server refuses the whole resource: a Service needs a port, a listener of protocol TLS a mode, a"
        " prefix that is replaced exactly one match of type PathPrefix.",
        "Add the field that the message names, or change the one that asks for it.",
        _ACROSS,
    ),
    _rule(
        "SC018",
        "listed-twice",
        _ERROR,
        "A list has an item twice that it may have once.",
        "The API server refuses the whole resource.",
        "Remove one of the two, or tell them apart as the help says.",
        _ACROSS,
    ),
    _rule(
        "SC019",
        "match-path-refused",
        _ERROR,
        "A path of type Exact or PathPrefix is none that a request can have.",
        "The API server refuses the whole route: paths are compared after normalization, so that `//`, `/./`, `%2F`"
        " and their like could never match.",
        "Write an absolute path without them; a pattern needs type RegularExpression.",
        _ACROSS,
    ),
    _rule(
        "SC020",
        "text-refused",
        _ERROR,
        "A text has not the form that its place asks for.",
        "The API server refuses the whole resource. The form hangs on other fields: that of an address on its type,"
        " that of a gRPC method on how it is matched.",
        "Write the text as the help says.",
        _ACROSS,
    ),
    _rule(
        "SC021",
        "beyond-bound",
        _ERROR,
        "A value is beyond a bound that another value or the whole resource sets.",
        "The API server refuses the whole resource.",
        "Change one of the two, or split the resource.",
        _ACROSS,
    ),
    _rule(
        "SC022",
        "field-of-other-protocol",
        _ERROR,
        "A listener has a field that its protocol has no use for.",
        "The API server refuses the whole Gateway or ListenerSet.",
        "Remove the field, or correct the protocol.",
        _ACROSS,
    ),
    _rule(
        "SC023",
        "crd-rule-broken",
        _ERROR,
        "A resource breaks a rule that its CRD states in CEL.",
        "The API server refuses the whole resource. A rule that comes to no value counts as broken there too. Rules"
        " about a change are not evaluated: a file has no old object.",
        "Make true what the help quotes.",
        "Kubernetes 1.37, apiextensions-apiserver, pkg/apiserver/schema/cel/validation.go.",
    ),
    _rule(
        "SC024",
        "crd-rule-not-evaluated",
        Severity.INFO,
        "A rule of a CRD cannot be evaluated.",
        "It is not known whether the API server takes the resource. The CEL engine has no macros beyond the standard"
        " ones, and a bound for what an expression may cost.",
        "Nothing has to be done; do not take the silence of other rules for a pass of this one.",
        "edgegen/schema/cel.py.",
    ),
)
