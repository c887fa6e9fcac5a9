"""Passes: functions from trace to trace that keep what it computes."""
