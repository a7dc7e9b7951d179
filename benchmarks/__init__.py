"""Measured runs of the engine: instances with known optima, thin drivers, and a report."""
