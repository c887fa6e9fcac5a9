"""From the lines of a trace to nodes: one table row per primitive."""
