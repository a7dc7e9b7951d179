"""Rounds made up from a seed: of any size and shape, fitted to what is known of the programme's participants."""

from matcher.generating.planting import PLANTS, Plant
from matcher.generating.rounds import generate
from matcher.generating.spec import SHAPES, Spec

__all__ = ["PLANTS", "SHAPES", "Plant", "Spec", "generate"]
