"""Every notebook once at the size of the papers: seconds, memory, claims; and the command."""
