"""How transcripts are read: places and containers, encodings, JSON and tables as streams, and what all formats share.

The public side is `trustcoach.read`; one export format is one module of `trustcoach.formats`.
"""
