"""Two revisions of a cluster: what a change does to its resources, hostnames and addresses.

Every module here takes the cluster as it was and as it will be, either of which
may be missing, and returns plain values. Nothing here reads files.
"""
