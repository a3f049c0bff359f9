"""Use cases: one module each, values in, values out. Nothing here prints or exits."""
