"""Drivable surface and vehicles in; how far off figures move the answer, and what to measure, out."""
