"""Nouns that travel between stages: frozen, checked, no files and no connections."""
