"""`edgegen completion`, and what the shell calls back for."""

from __future__ import annotations

import os
import sys

import click

VARIABLE = "_EDGEGEN_COMPLETE"
"""Set by the shell when it asks for completions; click's convention."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands, options, clusters and rules.

    \b
    eval "$(edgegen completion bash)"                       in ~/.bashrc
    eval "$(edgegen completion zsh)"                        in ~/.zshrc
    edgegen completion fish > ~/.config/fish/completions/edgegen.fish
    """
    from click.shell_completion import get_completion_class

    from edgegen.cli.commands import edgegen

    made = get_completion_class(shell)
    if made is None:  # click knows every shell of the choice above
        raise click.UsageError(f"no completion for {shell}")
    sys.stdout.write(made(edgegen, {}, "edgegen", VARIABLE).source() + "\n")


def answered() -> bool:
    """Answer the shell when it asks for completions; say whether it did."""
    instruction = os.environ.get(VARIABLE, "")
    if not instruction:
        return False
    from click.shell_completion import shell_complete

    from edgegen.cli.commands import edgegen

    shell_complete(edgegen, {}, "edgegen", VARIABLE, instruction)
    return True
