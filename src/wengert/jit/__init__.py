"""Compiled functions: recordings kept per signature and path, native where they can be."""
