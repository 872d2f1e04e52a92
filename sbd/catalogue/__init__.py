"""Figures with their source and standing, and typed readers for them."""
