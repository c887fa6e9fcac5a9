"""The tools that `benchmarks/jit.py` compares, one module each, and the process that each runs in."""
