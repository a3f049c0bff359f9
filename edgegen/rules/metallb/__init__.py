"""Rules about MetalLB: address pools, advertisements and the addresses that Services ask for."""
