"""The web site and the PDFs of the course: `python -m tools.site`."""
