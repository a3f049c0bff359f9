"""Fragments: reading, merging and judging the small documents that people write."""
