"""Runs: the queue, the workers that take them, the child processes that solve, what came out."""
