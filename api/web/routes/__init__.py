"""One file per resource, each with a ``router``; found by the application, there is no list to edit."""
