"""Figures with their source and standing, and typed readers for them."""

from sbd.catalogue.ratings import Rating, parse_rating, print_rating

__all__ = ["Rating", "parse_rating", "print_rating"]
