"""Rules of the Gateway API: listeners, attachment, references."""
