"""`edgegen init`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from edgegen.errors import EdgegenError

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\Z")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?\Z")


@click.command("init")
@click.argument(
    "folder", required=False, default=".", type=click.Path(file_okay=False, path_type=Path)
)
@click.option("--cluster", default="prod", show_default=True, help="Name of the first cluster.")
@click.option("--team", default="demo", show_default=True, help="Name of the first team.")
@click.option("--domain", default="example.com", show_default=True, help="Domain of its hostnames.")
@click.option(
    "--gitops",
    type=click.Choice(["none", "argocd", "flux"]),
    default="none",
    show_default=True,
    help="Write the wiring for Argo CD or Flux too; needs --repo-url.",
)
@click.option("--repo-url", default="", metavar="URL", help="Where Argo CD or Flux reads Git.")
@click.option(
    "--ci",
    multiple=True,
    type=click.Choice(["github", "gitlab", "none"]),
    help="CI files to write; both when not given. Repeatable.",
)
def command(
    folder: Path,
    cluster: str,
    team: str,
    domain: str,
    gitops: str,
    repo_url: str,
    ci: tuple[str, ...],
) -> None:
    """Scaffold a repository with one cluster and one team, and build it.

    It lints clean and passes its route tests at once, and has the files for pre-commit and CI. Nothing
    that stands in FOLDER is overwritten.

    \b
    edgegen init edge
    edgegen init edge --cluster lab --team shop --domain example.net
    edgegen init edge --gitops flux --repo-url https://git.example.com/platform/edge.git
    """
    from edgegen.app.build import BuildOptions, build
    from edgegen.app.init import CI, Scaffold, initialise
    from edgegen.yamlio.scalars import reads_as_string

    for option, value in (("--cluster", cluster), ("--team", team)):
        if not _LABEL.match(value) or not reads_as_string(value):
            raise EdgegenError(
                f'{option} "{value}" is no name',
                "use small letters, digits and inner hyphens, and no word that YAML takes for a value",
            )
    if not _DOMAIN.match(domain) or not reads_as_string(domain):
        raise EdgegenError(f'--domain "{domain}" is no domain', "for instance example.com")
    if gitops != "none" and not re.match(r"\S+\Z", repo_url):
        raise EdgegenError(f"--gitops {gitops} needs --repo-url", "name the URL of this repository")
    systems = tuple(ci) or tuple(CI)
    scaffold = Scaffold(
        cluster, team, domain, gitops, repo_url, tuple(name for name in systems if name in CI)
    )
    written = initialise(folder, scaffold)
    build(folder.resolve(), [], BuildOptions())
    for path in written:
        click.echo(folder / path)
    click.echo(f"{folder / 'rendered' / cluster}/", nl=True)
    click.echo(
        f"next: put your networks into {folder / 'clusters' / cluster / 'cluster.yaml'},"
        " then `edgegen lint`, `edgegen test` and `edgegen build --all`",
        err=True,
    )
