"""Stage 6 of 9: priced arrays -> the cheapest selection, with its proof. Sees arrays only."""
