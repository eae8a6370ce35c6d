"""Source → student and solved notebooks: `python -m tools.builder build|check|solved [NAME …]`."""
