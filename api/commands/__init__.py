"""The commands of the service, brought to `matcher` through entry points."""
