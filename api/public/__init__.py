"""Copies of a plan that leave the house: all of it for members, a few things for everybody."""
