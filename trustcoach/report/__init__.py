"""The HTML report: data about a run, apart from how it is drawn."""
