"""The commands of the command line, one module each; see `trustcoach.cli`."""
