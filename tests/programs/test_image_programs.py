"""Programs of image people."""

import math

import numpy as np
import pytest
from scipy import ndimage
from scipy.ndimage import affine_transform, gaussian_filter, map_coordinates, rotate, shift, sobel, zoom
from ways import every_way

X16 = np.random.default_rng(0).normal(size=16)
X24 = np.random.default_rng(1).normal(size=24)


def subpixel_shift(p):
    img = np.outer(np.hanning(8), np.hanning(8)) ** 2
    moved = shift(img, [p[0], p[1]], order=1)
    return np.sum((moved - img) ** 2), moved[3, 4]


def warp_map_coordinates(p):
    img = np.add.outer(np.sin(np.arange(8.0)), np.cos(np.arange(8.0)))
    yy, xx = np.mgrid[0:8, 0:8].astype(float)
    out = map_coordinates(img, [yy + p[0] * np.sin(xx), xx + p[1]], order=1, mode="nearest")
    return out.sum(), out[2, 3]


def warp_cubic(p):
    img = np.add.outer(np.sin(np.arange(8.0)), np.cos(np.arange(8.0)))
    out = map_coordinates(img * p[2], [[p[0], 2.2], [p[1], 3.3]], order=3)
    return out


def rotate_image(a):
    img = np.outer(np.hanning(7), np.arange(7.0))
    return rotate(img, a, reshape=False, order=1)[2:5, 2:5]


def rotate_recorded_image(p):
    img = np.outer(np.hanning(7), np.arange(7.0)) * p[0] + p[1] * np.eye(7)
    return rotate(img, 30.0, reshape=False)[2:5, 2:5], zoom(img, 1.5, order=1).sum(), zoom(img, 0.5)


def affine_register(p):
    img = np.outer(np.hanning(9), np.hanning(9))
    M = np.array([[np.cos(p[0]), -np.sin(p[0])], [np.sin(p[0]), np.cos(p[0])]])
    c = np.array([4.0, 4.0])
    out = affine_transform(img, M, offset=c - M @ c + p[1:], order=1)
    return np.sum((out - img) ** 2)


def edges_and_blobs(p):
    img = np.exp(-((np.arange(10)[:, None] - 4 - p[0]) ** 2 + (np.arange(10) - 5) ** 2) / (2 * p[1] ** 2))
    g = gaussian_filter(img, sigma=1.0)
    gx, gy = sobel(g, axis=1), sobel(g, axis=0)
    mag = np.hypot(gx, gy)
    lap = ndimage.laplace(g)
    dog = gaussian_filter(img, 1.0) - gaussian_filter(img, 2.0, mode="nearest")
    return mag.sum(), lap.min(), dog.max(), ndimage.gaussian_laplace(img, 1.2)[4, 5]


def gaussian_width_as_parameter(s):
    """The width of SciPy's filter is the parameter."""
    img = np.outer(np.hanning(9), np.arange(9.0))
    return gaussian_filter(img, s)[4]


def spatial_statistics(p):
    img = np.outer(np.hanning(6), np.hanning(6)) * p[0] + p[1]
    lab, n = ndimage.label(np.asarray(img > 0.5))
    com = ndimage.center_of_mass(img)
    sums = ndimage.sum(img, lab, index=range(n + 1))
    return com, sums, ndimage.mean(img), ndimage.standard_deviation(img), ndimage.maximum(img)


def morphology(p):
    img = np.outer(np.hanning(6), np.arange(6.0)) * p[0] + p[1] * np.eye(6)
    return (
        ndimage.grey_dilation(img, size=3).sum(),
        ndimage.grey_erosion(img, size=(3, 3)).sum(),
        ndimage.percentile_filter(img, 50, size=3).mean(),
        ndimage.maximum_filter(img, size=2)[2],
    )


def hand_made_convolution(p):
    img = np.add.outer(np.arange(6.0), np.arange(6.0)) ** 1.5
    k = np.array([[0, p[0], 0], [p[1], 1 - p[0] - p[1], p[0]], [0, p[1], 0]])
    padded = np.pad(img, 1, mode="reflect")
    out = np.empty_like(img)
    for i in range(img.shape[0]):
        for j in range(img.shape[1]):
            out[i, j] = np.sum(padded[i : i + 3, j : j + 3] * k)
    return out[2], np.ptp(out)


def radon_backprojection(p):
    n = 9
    c = n // 2
    yy, xx = np.mgrid[:n, :n] - c
    img = np.exp(-((xx - p[0]) ** 2 + (yy - p[1]) ** 2) / 4)
    recon = np.zeros((n, n))
    for theta in np.deg2rad(np.arange(0, 180, 45)):
        s = xx * np.cos(theta) + yy * np.sin(theta)
        bins = np.clip(np.round(s).astype(int) + c, 0, n - 1)
        proj = np.bincount(bins.ravel(), weights=img.ravel(), minlength=n)
        filt = np.fft.ifft(np.fft.fft(proj) * np.abs(np.fft.fftfreq(n))).real
        recon += np.interp(s.ravel(), np.arange(n) - c, filt).reshape(n, n)
    return recon[c], recon.max()


def soft_hough(p):
    pts = np.column_stack([np.arange(5.0), p[0] + p[1] * np.arange(5.0)])
    thetas = np.linspace(0, np.pi, 8, endpoint=False)
    rhos = np.linspace(-5, 5, 11)
    acc = np.zeros((8, 11))
    for x, y in pts:
        for i, th in enumerate(thetas):
            r = x * math.cos(th) + y * math.sin(th)
            acc[i] += np.exp(-((r - rhos) ** 2))
    return acc.max(), np.sum(acc**2)


def floyd_steinberg_soft(x):
    img = x.reshape(4, 4).copy()
    for y in range(4):
        for xx in range(4):
            old = img[y, xx]
            new = 1 / (1 + np.exp(-8 * (old - 0.5)))
            img[y, xx] = new
            e = old - new
            for dy, dx, w in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
                if 0 <= y + dy < 4 and 0 <= xx + dx < 4:
                    img[y + dy, xx + dx] += e * w / 16
    return img


def distance_field_eikonal(p):
    """Fast sweeping on a grid whose speed depends on p."""
    n = 6
    u = np.full((n, n), 1e3)
    u[1, 1] = p[0]
    f = 1 + p[1] * np.arange(n)[None, :] * np.ones((n, 1)) / n
    for sweep in range(4):
        rows = range(n) if sweep % 2 == 0 else range(n - 1, -1, -1)
        cols = range(n) if sweep < 2 else range(n - 1, -1, -1)
        for i in rows:
            for j in cols:
                if (i, j) == (1, 1):
                    continue
                a = min(u[i - 1, j] if i > 0 else 1e3, u[i + 1, j] if i < n - 1 else 1e3)
                b = min(u[i, j - 1] if j > 0 else 1e3, u[i, j + 1] if j < n - 1 else 1e3)
                if abs(a - b) >= f[i, j]:
                    t = min(a, b) + f[i, j]
                else:
                    t = (a + b + np.sqrt(2 * f[i, j] ** 2 - (a - b) ** 2)) / 2
                u[i, j] = min(u[i, j], t)
    return u[-1], u.mean()


# fmt: off
CASES = {
    subpixel_shift: [np.array([0.3, -0.4]), np.array([1.2, 0.7])],
    warp_map_coordinates: [np.array([0.3, 0.43]), np.array([-0.3, 1.7])],
    warp_cubic: [np.array([2.3, 4.4, 1.0]), np.array([5.1, 1.2, 2.0])],
    rotate_image: [20.0, 33.0],
    rotate_recorded_image: [np.array([1.0, 2.0]), np.array([0.5, -1.0])],
    affine_register: [np.array([0.1, 0.3, -0.2]), np.array([-0.2, 1.3, 0.6])],
    edges_and_blobs: [np.array([0.3, 1.5]), np.array([-0.6, 2.0])],
    gaussian_width_as_parameter: [1.0, 1.4],
    spatial_statistics: [np.array([1.0, 0.1]), np.array([2.0, 0.2])],
    morphology: [np.array([1.0, 2.0]), np.array([0.5, 1.0])],
    hand_made_convolution: [np.array([0.2, 0.1]), np.array([-0.3, 0.4])],
    radon_backprojection: [np.array([0.5, -1.0]), np.array([-1.5, 0.2])],
    soft_hough: [np.array([0.5, 0.3]), np.array([1.0, -0.6])],
    floyd_steinberg_soft: [X16, X24[:16]],
    distance_field_eikonal: [np.array([0.1, 0.3]), np.array([0.0, 1.5])],
}
OPTIONS = {
    affine_register: {"order": 1, "h": 1e-6, "rtol": 1e-6},
    spatial_statistics: {"order": 1},
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f], **OPTIONS.get(f, {}))
