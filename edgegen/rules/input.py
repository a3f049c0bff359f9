"""Rules whose findings come from reading, loading, merging and validating.

They have no check of their own: the stage that meets the fault names the rule,
the engine looks up code, severity and documentation here.
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


_YAML = "YAML 1.1 as the API machinery reads it (sigs.k8s.io/yaml on go-yaml v2)."
_DESIGN = "edgegen's own contract, docs/fragments.md."

YAML_RULES: tuple[Rule, ...] = (
    _rule(
        "IN001",
        "yaml-syntax",
        _ERROR,
        "A document is no YAML.",
        "Neither the API server nor Kustomize can read it. The other documents of the file are still judged.",
        "Mend the line that the message names. A value with `: `, ` #`, a leading `*`, `&`, `!`, `%`, `@` or a"
        " `${...}` in flow style needs quotes.",
        _YAML,
    ),
    _rule(
        "IN002",
        "yaml-encoding",
        _ERROR,
        "A file is not UTF-8.",
        "Readers disagree about other encodings, and about a byte order mark inside a file.",
        "Save the file as UTF-8 without a byte order mark.",
        _YAML,
    ),
    _rule(
        "IN003",
        "yaml-control-character",
        _ERROR,
        "A file holds a control character.",
        "Kustomize turns some of them into spaces and stops at others; a reviewer sees none of them.",
        "Remove the character, or write it as an escape in a double-quoted string.",
        "Kustomize 5.8.1, observed: U+0085 becomes a space, U+007F stops the build.",
    ),
    _rule(
        "IN004",
        "yaml-duplicate-key",
        _ERROR,
        "A mapping has one key twice.",
        "The last one wins at the API server, Kustomize refuses the file; the other value is lost without a word."
        " Keys are compared after they were read: `yes` and `true` are one key.",
        "Keep one of the two.",
        _YAML,
    ),
    _rule(
        "IN005",
        "yaml-merge-key-order",
        _WARNING,
        "A merge key stands after a key that it sets too.",
        "go-yaml lets the merged value win there, YAML itself the written one.",
        "Write `<<` as the first key.",
        "go-yaml v2, decode.go, `merge`; YAML merge key language-independent type.",
    ),
    _rule(
        "IN006",
        "yaml-unknown-tag",
        _WARNING,
        "A value has a tag that the API server drops.",
        "The value is read as if the tag were not there, which is seldom what its author meant.",
        "Remove the tag.",
        _YAML,
    ),
    _rule(
        "IN007",
        "yaml-bad-key",
        _ERROR,
        "A mapping key is null or no scalar.",
        "JSON has no such key, so the API server cannot read the document.",
        "Write the key as a string.",
        _YAML,
    ),
    _rule(
        "IN008",
        "yaml-unrepresentable",
        _ERROR,
        "A number has no form in JSON.",
        "`.inf` and `.nan` cannot be sent to the API server.",
        "Write a finite number, or quote the text.",
        _YAML,
    ),
    _rule(
        "IN009",
        "yaml-too-large",
        _ERROR,
        "A document is beyond what edgegen reads.",
        "Aliases of aliases, deep nesting and huge scalars can make a small file cost gigabytes.",
        "Split the file, or write the values out.",
        "Limits of edgegen, docs/fragments.md; the API server has limits of the same kind.",
    ),
)

TREE_RULES: tuple[Rule, ...] = (
    _rule(
        "IN010",
        "file-outside-repository",
        _ERROR,
        "A symbolic link leads out of the repository.",
        "What it points to is not reviewed with the repository and differs between machines.",
        "Replace the link by a file.",
        _DESIGN,
    ),
    _rule(
        "IN011",
        "not-a-resource",
        _ERROR,
        "A document is no Kubernetes resource.",
        "Without apiVersion and kind no controller will ever read it.",
        "Add apiVersion, kind and metadata, or move the file out of the folders that are read.",
        "Kubernetes API conventions, types (kinds).",
    ),
    _rule(
        "IN012",
        "missing-name",
        _ERROR,
        "A resource has no name.",
        "It can be neither merged nor applied.",
        "Set metadata.name.",
        "Kubernetes API conventions, metadata.",
    ),
    _rule(
        "IN013",
        "unused-suppression",
        _WARNING,
        "A suppression comment silences nothing.",
        "It hides the next real finding on that line, and tells readers of a fault that is not there. In a team's"
        " file a comment has power over warnings and infos only.",
        "Remove it, name a rule that occurs there, or give the reason that is missing.",
        _DESIGN,
    ),
    _rule(
        "IN014",
        "duplicate-resource",
        _ERROR,
        "A resource is defined twice.",
        "The last one to be applied wins, and that hangs on the order of files; Kustomize refuses both.",
        "Remove one, or give it another name.",
        "Kustomize, api/resmap: `may not add resource with an already registered id`.",
    ),
    _rule(
        "IN015",
        "misplaced-file",
        _ERROR,
        "A file lies where no fragment is read.",
        "It has no effect, although it looks as if it had.",
        "Move it into clusters/<cluster>/, clusters/_layers/<layer>/, teams/<team>/ or policies/.",
        _DESIGN,
    ),
    _rule(
        "IN016",
        "kustomization-among-fragments",
        _ERROR,
        "A kustomization lies among fragments.",
        "edgegen reads the folder as fragments; patches and generators named there would be lost.",
        "Remove it: merging is done by layers, and rendered/ has kustomizations of its own.",
        _DESIGN,
    ),
    _rule(
        "IN017",
        "unknown-folder",
        _ERROR,
        "A folder names an unknown team, layer or cluster.",
        "Its fragments would never reach a cluster.",
        "Correct the name of the folder, or declare the team in policies/teams/.",
        _DESIGN,
    ),
    _rule(
        "IN018",
        "misplaced-kind",
        _ERROR,
        "A kind stands where it has no effect.",
        "Each of edgegen's kinds has its folder, because the folder says who may write it.",
        "Move it to the folder that the message names.",
        _DESIGN,
    ),
)

MERGE_RULES: tuple[Rule, ...] = (
    _rule(
        "IN019",
        "malformed-name",
        _ERROR,
        "A name or namespace is none that the API server takes.",
        "The object can never be applied, and a name with a slash or dots could mean another path.",
        "Use lower case letters, digits and `-`; a name may have dots between them.",
        "Kubernetes, object names and IDs; apimachinery, `IsDNS1123Subdomain`.",
    ),
    _rule(
        "IN020",
        "unknown-layer",
        _ERROR,
        "A cluster lists a layer that does not exist.",
        "Everything the layer would bring is missing from the cluster.",
        "Correct the name, or add the folder below clusters/_layers/.",
        _DESIGN,
    ),
    _rule(
        "IN021",
        "unknown-variable",
        _ERROR,
        "A value refers to a variable that the cluster does not have.",
        "The text would reach the cluster as it stands.",
        "Define it in spec.vars of the Cluster or of a layer; `$${` writes a literal `${`.",
        _DESIGN,
    ),
    _rule(
        "IN022",
        "merge-conflict",
        _ERROR,
        "Two fragments of one layer set one field to different values.",
        "Which of them wins would hang on the names of files.",
        "Keep one of them, or move the exception into a later layer.",
        _DESIGN,
    ),
    _rule(
        "IN023",
        "frozen-field",
        _ERROR,
        "A later layer changes what an earlier one declared final.",
        "`$final` is how the platform keeps a setting; the change does not take effect.",
        "Remove the change, or ask the owner of the earlier layer.",
        _DESIGN,
    ),
    _rule(
        "IN024",
        "patch-of-nothing",
        _WARNING,
        "A fragment deletes what is not there.",
        "Either the name is misspelt or the layer that set it has changed; the deletion has no effect.",
        "Correct the name, or remove the deletion.",
        _DESIGN,
    ),
    _rule(
        "IN025",
        "bad-directive",
        _ERROR,
        "A `$patch` or `$final` directive is not understood.",
        "Taken as data it would reach the API server.",
        "`$patch` is `delete` or `replace`; `$final` is a list of field paths.",
        _DESIGN,
    ),
    _rule(
        "IN026",
        "ambiguous-list-key",
        _ERROR,
        "Two items of one list have the same key.",
        "A later layer could not say which of them it means.",
        "Rename one, or join them.",
        _DESIGN,
    ),
    _rule(
        "IN027",
        "cluster-name-mismatch",
        _ERROR,
        "A Cluster document has another name than its folder.",
        "The folder decides what is built; a second name can only mislead.",
        "Give both one name.",
        _DESIGN,
    ),
    _rule(
        "IN028",
        "cluster-without-facts",
        _ERROR,
        "A cluster folder has no Cluster document.",
        "Versions, networks and the way to the cluster are unknown, so nothing right can be generated.",
        "Add a document of kind Cluster to the folder.",
        _DESIGN,
    ),
)

EXEMPTION_RULES: tuple[Rule, ...] = (
    _rule(
        "IN048",
        "expired-exemption",
        _WARNING,
        "An exemption is older than it was meant to become.",
        "It still holds, so that no build breaks because a day went by; what was accepted for a while has become"
        " the rule.",
        "Mend what it exempts and remove it, or set a later date in spec.expires.",
        _DESIGN,
    ),
)

LATER_INPUT_RULES: tuple[Rule, ...] = (
    _rule(
        "IN050",
        "fragment-without-cluster",
        _WARNING,
        "No cluster uses a layer, a team or an override.",
        "Its fragments are merged nowhere, although they look as if they had an effect.",
        "List the layer in a Cluster, correct the selector of the Team, or remove the folder.",
        _DESIGN,
    ),
    _rule(
        "IN051",
        "final-of-nothing",
        _WARNING,
        "`$final` names something that is not there, and nearly something that is.",
        "What was to be kept stays open to every later layer.",
        "Correct the path. To keep a field absent, name the field as the kind has it.",
        _DESIGN,
    ),
    _rule(
        "IN052",
        "yaml-key-not-text",
        _WARNING,
        "A key is read as a boolean or a number.",
        "Keys are text in the end, but by then `n` has become `false`, `on` has become `true` and `010` has become"
        " `8`: whoever looks for the key that is written does not find it.",
        "Quote the key, or write what it is read as.",
        _YAML,
    ),
)

TENANCY_RULES: tuple[Rule, ...] = (
    _rule(
        "OW001",
        "kind-not-open-to-team",
        _ERROR,
        "A team writes a kind that is not open to it.",
        "Kinds such as Gateway, IngressRoute or TLSOption reach beyond the team's own namespaces. The fragment is"
        " left out of the build.",
        "Let the platform write it, or add the kind to the Team where that is allowed.",
        "docs/fragments.md, tenancy.",
    ),
    _rule(
        "OW002",
        "namespace-not-of-team",
        _ERROR,
        "A team writes into a namespace that is not its own.",
        "Whoever writes into a namespace owns what runs there. The fragment is left out of the build.",
        "Use a namespace of the team's own Team document.",
        "docs/fragments.md, tenancy.",
    ),
    _rule(
        "OW003",
        "reserved-metadata",
        _ERROR,
        "A team sets metadata that steers the platform.",
        "Labels and annotations of Argo CD, Flux, MetalLB, Traefik and edgegen change how objects are synced and"
        " routed. The fragment is left out of the build.",
        "Remove the key.",
        "docs/fragments.md, tenancy.",
    ),
    _rule(
        "OW004",
        "secret-in-repository",
        _ERROR,
        "A Secret carries its content in the repository.",
        "Everybody who can read the repository, its history or a build log has the secret.",
        "Commit a reference: a sealed or external secret; make the Secret itself outside Git.",
        "docs/fragments.md, tenancy.",
    ),
    _rule(
        "OW005",
        "status-only-kind",
        _ERROR,
        "A kind that controllers write stands in the repository.",
        "A sync would fight with the controller about it.",
        "Remove it.",
        "MetalLB 0.16.1, api/v1beta1: ServiceL2Status, ServiceBGPStatus, ConfigurationState.",
    ),
    _rule(
        "OW006",
        "status-in-repository",
        _ERROR,
        "A fragment has a status.",
        "Only controllers write it: the API server drops it or a sync fights with them, and readers take it for"
        " the truth.",
        "Remove it; `kubectl get -o yaml` shows more than belongs into Git.",
        "docs/fragments.md, tenancy; Kubernetes API conventions, spec and status.",
    ),
)
