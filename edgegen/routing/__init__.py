"""How a request travels: which listener carries which route, and who wins."""
