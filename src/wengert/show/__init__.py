"""Seeing a trace: the lecture's table, the graph as a page and as a picture, two traces side by side."""
