"""HTTP in, a call of the domain, HTTP out."""
