"""The service: a thin skin over `sbd.pipeline`, so that a browser can ask what a terminal asks."""
