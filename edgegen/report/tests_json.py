"""The JSON document of `edgegen test`: a stable contract, see schemas/output/test.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgegen.app.trace import Traced
from edgegen.report.json import VERSION, finding_json, json_text, location_json
from edgegen.report.trace_json import request_json, verdict_json

if TYPE_CHECKING:
    from edgegen.app.test import Answered, ClusterCoverage, Failure, Run
    from edgegen.yamlio.document import Json


def render_tests_json(run: Run) -> str:
    """Return one JSON document for a run of tests."""
    document: dict[str, Json] = {
        "version": VERSION,
        "command": "test",
        "passed": run.passed,
        "tests": [_tested(tested) for tested in run.tested],
        "invalid": [finding_json(found) for found in run.findings],
        "coverage": {
            "rules": run.rules,
            "reached": run.reached,
            "percent": run.percent,
            "required": run.goal,
            "clusters": [_coverage(one) for one in run.coverage],
        },
        "summary": {
            "passed": len(run.tested) - len(run.failed),
            "failed": len(run.failed),
            "invalid": len(run.findings),
            "files": run.files,
            "clusters": len(run.coverage),
        },
    }
    return json_text(document)


def _tested(tested: Answered) -> dict[str, Json]:
    return {
        "name": tested.name,
        "cluster": tested.cluster,
        "location": location_json(tested.place),
        "passed": not tested.failures,
        "request": request_json(tested.request),
        "reached": [{"route": route, "rule": rule} for route, rule in sorted(tested.reached)],
        "failures": [_failure(failure) for failure in tested.failures],
    }


def _failure(failure: Failure) -> dict[str, Json]:
    result = failure.result
    traced = Traced(result, failure.place)
    return {
        "edge": result.edge,
        "messages": list(failure.unlike),
        "traefik": verdict_json(result.traefik, traced),
        "spec": verdict_json(result.spec, traced),
        "considered": [
            {"route": one.route, "rule": one.rule, "why": one.why, "by": one.by or None}
            for one in result.considered
        ],
        "advice": list(result.advice),
    }


def _coverage(one: ClusterCoverage) -> dict[str, Json]:
    return {
        "cluster": one.cluster,
        "rules": one.total,
        "reached": one.total - len(one.unreached),
        "unreached": [
            {
                "route": missed.rule.route,
                "rule": missed.rule.index,
                "location": location_json(missed.place),
            }
            for missed in one.unreached
        ],
    }
