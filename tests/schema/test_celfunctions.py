"""Kubernetes' functions of CEL give what its documentation says."""

from __future__ import annotations

import pytest

from edgegen.schema.cel import EvaluationError, Program, program


@pytest.mark.parametrize(
    "text",
    [
        "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.01') && !isIP('::ffff:1.2.3.4')",
        "ip('10.0.0.1').family() == 4 && ip('fd00::1').family() == 6",
        "ip.isCanonical('fd00::1') && !ip.isCanonical('FD00::1')",
        "ip('127.0.0.1').isLoopback() && !ip('10.0.0.1').isLoopback()",
        "ip('0.0.0.0').isUnspecified() && ip('fe80::1').isLinkLocalUnicast()",
        "ip('224.0.0.1').isLinkLocalMulticast() && ip('10.0.0.1').isGlobalUnicast()",
        "!ip('255.255.255.255').isGlobalUnicast() && ip('::1') == ip('0:0::1')",
        "isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')",
        "cidr('10.0.0.0/8').containsIP('10.9.9.9') && !cidr('10.0.0.0/8').containsIP('11.0.0.0')",
        "cidr('10.0.0.0/8').containsIP(ip('10.9.9.9'))",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')",
        "cidr('10.1.2.3/8').prefixLength() == 8 && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
        "cidr('10.1.2.3/8').ip() == ip('10.1.2.3')",
        "isURL('https://a.example:80/x?y=1') && !isURL('a.example/x') && !isURL('https://a b/')",
        "url('https://a.example:80/x?y=1').getHost() == 'a.example:80'",
        "url('https://a.example:80/x').getPort() == '80' && url('/x').getScheme() == ''",
        "url('https://[::1]:80/x').getHostname() == '::1'",
        "url('https://a/x?y=1').getEscapedPath() == '/x' && url('https://a/?y=1').getQuery() == {'y': ['1']}",
        "isQuantity('1.5Gi') && !isQuantity('1.5GiB') && !isQuantity('')",
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1m').isLessThan(quantity('1'))",
        "quantity('1500m').compareTo(quantity('1.5')) == 0 && quantity('1e3').asInteger() == 1000",
        "quantity('1').add(quantity('1')).sub(1).asInteger() == 1 && quantity('-1').sign() == -1",
        "!quantity('1.5').isInteger() && quantity('1.5').asApproximateFloat() == 1.5",
        "'a12b3'.find('[0-9]+') == '12' && 'a12b3'.findAll('[0-9]+') == ['12', '3']",
        "'a12b3'.findAll('[0-9]+', 1) == ['12'] && 'a'.find('[0-9]') == ''",
        "[1, 2, 2].isSorted() && !['b', 'a'].isSorted() && [1, 2].sum() == 3",
        "[3, 1].min() == 1 && ['a', 'b'].max() == 'b' && [1.5, 0.5].sum() == 2.0",
        "sets.contains([1, 2], [2]) && !sets.intersects([1], [2]) && sets.equivalent([1, 2], [2, 1, 1])",
        "!format.dns1123Label().validate('a-b').hasValue()",
        "format.dns1123Label().validate('a.b').hasValue()",
        "!format.qualifiedName().validate('a.example/B_c').hasValue()",
        "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()",
        "'a,b'.split(',').join('-') == 'a-b' && 'abc'.substring(1, 2) == 'b' && 'abc'.indexOf('c') == 2",
        "'ABC'.lowerAscii() == 'abc' && ' a '.trim() == 'a' && 'aba'.replace('a', 'c') == 'cbc'",
        "{'a': 1}[?'b'].orValue(2) == 2 && {'a': 1}.?a.hasValue()",
    ],
)  # fmt: skip
def test_functions(text: str) -> None:
    found = program(text, frozenset())
    assert isinstance(found, Program), found
    assert found.boolean({})


@pytest.mark.parametrize(
    "text",
    ["ip('a').family() == 4", "cidr('10.0.0.1').masked() == 1", "quantity('x').sign() == 1",
     "url('x').getHost() == ''", "[].min() == 1", "quantity('1.5').asInteger() == 1"],
)  # fmt: skip
def test_what_is_none_comes_to_no_value(text: str) -> None:
    found = program(text, frozenset())
    assert isinstance(found, Program), found
    with pytest.raises(EvaluationError):
        found.boolean({})
