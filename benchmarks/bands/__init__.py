"""How the bands of the claims were found: one JSON a notebook, made by one command."""
