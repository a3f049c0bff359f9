from __future__ import annotations

import base64

import pytest

from edgegen.app.manifests import read_manifests
from edgegen.stack.secrets import garbled_key

PEM = "-----BEGIN CERTIFICATE-----\n"
CODED = base64.b64encode(PEM.encode()).decode()
PROSE = base64.b64encode(b"no certificate").decode()


def _garbled(body: str) -> tuple[str, str] | None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a, namespace: b}}\n{body}\n"
    (secret,) = read_manifests([("x.yaml", text.encode())]).cluster.of_kind("Secret", "")
    return garbled_key(secret)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"data: {{tls.crt: {CODED}, tls.key: {CODED}}}", None),
        (f"data: {{tls.crt: {PROSE}, tls.key: {CODED}}}", ("data", "tls.crt")),
        (f"data: {{tls.crt: {CODED}, tls.key: {PROSE}}}", ("data", "tls.key")),
        ("stringData: {tls.crt: a, tls.key: b}", ("stringData", "tls.crt")),
        # the API server lets stringData win
        (f"data: {{tls.crt: {CODED}}}\nstringData: {{tls.crt: a}}", ("stringData", "tls.crt")),
        # not filled in yet, encrypted, not base64, of another type
        ("data: {tls.crt: '', tls.key: ''}", None),
        ("stringData: {tls.crt: '${CERTIFICATE}', tls.key: '<your key>'}", None),
        ("data: {tls.crt: 'ENC[AES256_GCM,data:aa]', tls.key: 'ENC[AES256_GCM,data:aa]'}", None),
        ("data: {tls.crt: '***', tls.key: 1}", None),
        ("data: [tls.crt]", None),
        ("type: Opaque", None),
    ],
)
def test_parts_of_a_certificate_that_are_not_in_pem_form(
    body: str, found: tuple[str, str] | None
) -> None:
    assert _garbled(body) == found
