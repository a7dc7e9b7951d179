"""Instance families, one file each: a module that sets ``FAMILY`` is one."""

WEIGHTS = {"placed": 1000, "fit": 1, "cost": "0.01"}
"""The weighted policy of the large rounds: a placement is worth 1000 points of fit, a point 100 euros."""
