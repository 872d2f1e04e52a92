"""Plane geometry, with no vehicle and no barrier in it."""
