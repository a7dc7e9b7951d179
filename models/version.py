"""The one place that says which version this is; the build, the command line and reports read it here."""

VERSION = "0.1.0"
