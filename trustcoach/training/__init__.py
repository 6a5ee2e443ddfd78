"""Labelled conversations, the training of the classifier on them, and the measuring of labellings against each other."""
