"""The web service over the engine; this version holds its place in the layering and nothing else."""
