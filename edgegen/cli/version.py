"""The version line: edgegen, Python, and the YAML parser that reads."""

from __future__ import annotations

import platform

from edgegen import __version__


def version_line() -> str:
    """Return what `--version` prints."""
    from yaml._yaml import get_version_string  # the C parser, by name: it decides what is read

    return (
        f"edgegen {__version__} (Python {platform.python_version()},"
        f" libyaml {get_version_string()})"
    )
