"""OGC API: Features over sites, plans and their layers, and Processes over their jobs."""
