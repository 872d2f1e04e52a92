"""OGC API - Features over sites, plans and the layers of plans, for those who may read them."""
