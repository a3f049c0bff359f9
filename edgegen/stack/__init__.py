"""What MetalLB, Traefik and the Gateway API mean by what a manifest says."""
