"""Functions that read an array element by element, in a loop of Python's."""


def by_element(x):
    """Rosenbrock's function."""
    total = 0.0
    for i in range(len(x) - 1):
        total += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total
