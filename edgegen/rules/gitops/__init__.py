"""Rules of the way by which the output reaches a cluster: Argo CD and Flux."""
