"""Who is asking (session, token, OIDC), and the one table of who may do what."""
