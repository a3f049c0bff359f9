"""edgegen: manifests and policies for MetalLB, Traefik and Gateway API."""

# A constant: reading the installed metadata costs 49 ms at every start.
__version__ = "0.1.0"
