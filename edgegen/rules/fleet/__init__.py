"""Rules about several clusters, which see nothing but their summaries."""
