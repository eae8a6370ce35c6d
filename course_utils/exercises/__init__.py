"""What "correct" means for each exercise: one module a week or companion, found by its key."""
