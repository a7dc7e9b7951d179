"""Why, why not, what would help, and what conflicts."""
