"""Resources, clusters and fleets, in which every value knows who wrote it."""
