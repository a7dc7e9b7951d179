"""A round's life, its tables as partners upload them, snapshots, and what each role may see of it."""
