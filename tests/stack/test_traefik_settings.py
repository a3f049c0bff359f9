"""Settings of Traefik by arguments, as the binary 3.7.15 reads them."""

from __future__ import annotations

from edgegen.model.resource import Spot
from edgegen.stack.traefik_settings import Settings, settings_of_arguments, settings_of_file

AT = Spot("x.yaml", 0, ())


def settings(*arguments: str) -> Settings:
    return settings_of_arguments([(text, AT) for text in arguments])


def test_names_know_no_case_and_the_last_one_wins() -> None:
    found = settings("--API.Insecure=true", "--api.insecure=false", "-log.level=DEBUG")
    assert not found.flag("api.insecure")
    assert found.text("log.level") == "DEBUG"


def test_a_value_may_follow_but_not_below_a_name_of_the_users_choice() -> None:
    found = settings("--log.level", "DEBUG", "--entryPoints.web.address", ":80")
    assert found.text("log.level") == "DEBUG"
    assert found.text("entrypoints.web.address") == "true"


def test_a_section_is_on_by_its_name_or_by_what_is_below() -> None:
    found = settings("--providers.kubernetesCRD", "--entryPoints.a.http.tls.certResolver=x")
    assert found.switched_on("providers.kubernetescrd")
    assert found.switched_on("entrypoints.a.http.tls")
    assert not found.switched_on("providers.kubernetesgateway")
    assert not settings("--providers.kubernetesgateway=false").switched_on(
        "providers.kubernetesgateway"
    )


def test_lists_have_commas() -> None:
    found = settings("--providers.kubernetesgateway.namespaces=a, b,,c")
    assert found.texts("providers.kubernetesgateway.namespaces") == ("a", "b", "c")
    assert found.number("none") is None


def test_entry_points_keep_their_spelling() -> None:
    found = settings("--entryPoints.Web.address=:80", "--entrypoints.web.asDefault")
    assert found.entry_points() == {"web": "Web"}


def test_a_file_has_the_same_names() -> None:
    found = settings_of_file(
        {
            "entryPoints": {"web": {"address": ":80", "http": {"tls": {}, "middlewares": ["a"]}}},
            "providers": {"kubernetesGateway": None},
        },
        AT,
    )
    assert found.text("entrypoints.web.address") == ":80"
    assert found.switched_on("entrypoints.web.http.tls")
    assert found.texts("entrypoints.web.http.middlewares") == ("a",)
    assert found.switched_on("providers.kubernetesgateway")
