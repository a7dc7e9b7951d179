"""Why and why not, by what decided it: for a learner, an offer, a company or a host, and as a sender may see it."""

from matcher.explaining.why.learner import LearnerWhy, why_learner
from matcher.explaining.why.place import PlaceWhy, why_place
from matcher.explaining.why.sharing import LearnerShared, PlaceShared, learner_for, place_for

__all__ = [
    "LearnerShared",
    "LearnerWhy",
    "PlaceShared",
    "PlaceWhy",
    "learner_for",
    "place_for",
    "why_learner",
    "why_place",
]
