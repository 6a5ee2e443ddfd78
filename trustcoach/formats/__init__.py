"""The export formats that can be read, one module each, found by looking into this folder.

A module says what its format is (`TITLE`, `EXPECTS`, `RECOGNISED_BY`, `CONFIDENCE`), recognises it (`sniff`) and reads
it (`read`); `trustcoach.reading.detect.Format` describes these names. Add a format by adding a file here and a fixture
under `tests/formats/`.
"""
