"""scipy.ndimage: shifts, zooms, rotations, splines at places; ranks, morphology, measurements."""

import numpy as np
import pytest
from check import check
from scipy import ndimage

X = np.random.default_rng(0).normal(size=(5, 6))
MODES = ["nearest", "wrap", "reflect", "mirror", "constant", "grid-wrap", "grid-constant"]

# fmt: off
CASES = {
    "rot": lambda x: ndimage.rotate(x,20+x[0,0],reshape=False),
    "rot2": lambda x: ndimage.rotate(x,30.),
    "rot1": lambda x: ndimage.rotate(x,20+x[0,0],order=1,reshape=False,mode="nearest"),
    "rot3": lambda x: ndimage.rotate(np.stack([x,2*x]),20+x[0,0],axes=(1,2),reshape=False),
    "zoom": lambda x: ndimage.zoom(x,1.5),
    "zoom2": lambda x: ndimage.zoom(x,[.7,2],order=1,grid_mode=True,mode="grid-constant"),
    "zoomc": lambda x: np.abs(ndimage.zoom(x+1j*x**2,1.5,order=1)),
    "aff": lambda x: ndimage.affine_transform(x,np.array([[.9,.1*x[0,0]],[.2,1.1]]),offset=[.3,x[0,1]]),
    "affd": lambda x: ndimage.affine_transform(x,[.9,1+.1*x[0,0]],offset=[.3,x[0,1]*.1]),
    "affh": lambda x: ndimage.affine_transform(x,np.array([[.9,.1*x[0,0],.3],[.2,1.1,x[0,1]],[0,0,1.]]),order=1,output_shape=(3,4)),
    "sf": lambda x: ndimage.spline_filter(x),
    "sf1": lambda x: ndimage.spline_filter1d(x,order=2,axis=0,mode="reflect"),
    "out": lambda x: (lambda a:(ndimage.shift(x,.3,output=a),a)[1])(np.zeros((5,6))),
    "gs": lambda x: ndimage.gaussian_filter(x,1+.1*x[0,0]),
    "gs2": lambda x: ndimage.gaussian_filter(x,[1+.1*x[0,0],.5],order=[1,0]),
    "gl": lambda x: ndimage.gaussian_laplace(x,1+.1*x[0,0]),
    "com": lambda x: ndimage.center_of_mass(x**2),
    "sm": lambda x: ndimage.sum(x,np.arange(30).reshape(5,6)%3,index=[0,1,2]),
    "mean": lambda x: [ndimage.mean(x),ndimage.variance(x,np.arange(30).reshape(5,6)%3,[1,2]),ndimage.standard_deviation(x)],
    "mx": lambda x: [ndimage.maximum(x),ndimage.minimum(x,np.arange(30).reshape(5,6)%3,[1,2]),ndimage.median(x,np.arange(30).reshape(5,6)%3,[1,2]),ndimage.extrema(x)[0]],
    "gd": lambda x: ndimage.grey_dilation(x,size=3),
    "ge": lambda x: ndimage.grey_erosion(x,size=(3,3)),
    "gd2": lambda x: ndimage.grey_dilation(x,structure=np.arange(9.).reshape(3,3)*.1),
    "gd3": lambda x: ndimage.grey_erosion(x,footprint=[[0,1,0],[1,1,1],[0,1,0]]),
    "op": lambda x: [ndimage.grey_opening(x,3),ndimage.grey_closing(x,3),ndimage.morphological_gradient(x,3),ndimage.white_tophat(x,3),ndimage.black_tophat(x,size=3)],
    "pf": lambda x: ndimage.percentile_filter(x,30,3),
    "rf": lambda x: ndimage.rank_filter(x,2,size=3),
    "mf": lambda x: ndimage.maximum_filter(x,footprint=np.eye(3)),
    "ggm": lambda x: ndimage.gaussian_gradient_magnitude(x,1.),
    "geo": lambda x: ndimage.geometric_transform(x,lambda o:(o[0]+.3,o[1]*.9)),
    "fg": lambda x: ndimage.fourier_gaussian(np.fft.fft2(x),1.).real,
    "fg_s": lambda x: ndimage.fourier_gaussian(np.fft.fft2(x),sigma=x[0,:2]).real,
    "fu_s": lambda x: ndimage.fourier_uniform(np.fft.rfft2(x),x[1,1],n=x.shape[1]).real,
    "fs_s": lambda x: np.fft.ifft2(ndimage.fourier_shift(np.fft.fft2(x),x[0,1:3])).real,
    "fs": lambda x: np.fft.ifft2(ndimage.fourier_shift(np.fft.fft2(x),[.3,.2])).real,
    "mpos": lambda x: x[ndimage.maximum_position(x)],
    "gf1": lambda x: ndimage.gaussian_filter1d(x,1.+.1*x[0,0],axis=0),
}
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name], X, h=1e-4, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_places_beyond_the_edges(mode, order):
    def at(x):
        places = [x[:2, 0] + np.array([1.3, -2.6]), np.array([2.2, 7.3]) + x[0, :2]]
        moved = ndimage.shift(x, [0.3 + 0.1 * x[0, 0], -1.7], order=order, mode=mode, cval=0.2)
        return ndimage.map_coordinates(x, places, order=order, mode=mode, cval=0.3), moved[1:3]

    check(at, X, h=1e-4, rtol=1e-6)
