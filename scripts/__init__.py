"""What `./demo`, `./check` and `scripts/lock` are made of; starts with the standard library alone."""
