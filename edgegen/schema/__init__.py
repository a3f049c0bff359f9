"""The schemas of edgegen's kinds, and what is said about values that break them."""
