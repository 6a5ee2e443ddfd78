"""Measures speed and memory on a user's own text, stage by stage and beside the plain use of spaCy and scikit-learn."""
