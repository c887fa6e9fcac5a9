"""Derivatives of one function, computed in every way there is, and how well they agree."""
