"""Finds cues in the text of a turn: rules matched by spaCy, and a trained classifier."""
