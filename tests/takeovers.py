"""What a team might commit to get at what is not its own, and what must be said of it.

Each attack is a file of the team `evil` (or of `sites`, who owns the wildcard
around everybody). `# expect: CODE` stands on the line that the finding names.
"""

from __future__ import annotations

from takeovers_of_hostnames import DELEGATIONS, HOSTNAMES, PATHS, WILDCARDS
from takeovers_of_objects import BACKENDS, KINDS, METADATA, NAMESPACES, PARENTS, STATUS, TRAEFIK

ATTACKS = [
    *HOSTNAMES,
    *WILDCARDS,
    *PATHS,
    *DELEGATIONS,
    *PARENTS,
    *BACKENDS,
    *TRAEFIK,
    *KINDS,
    *NAMESPACES,
    *STATUS,
    *METADATA,
]
