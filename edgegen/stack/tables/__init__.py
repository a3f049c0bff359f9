"""What exists since which release: data, each table with its source."""
