"""Who is calling, and what they may do: roles, users, keys, log-in, and the one table of access."""
