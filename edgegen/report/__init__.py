"""Reports: diagnostics as text and as documents that other programs read."""
