"""The service measured and maltreated from outside: real processes, real databases, the client that users have."""
