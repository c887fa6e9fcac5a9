"""scipy.signal: spectra, systems, designs, rates, peaks, of recorded signals and of recorded parameters."""

import numpy as np
import pytest
from check import check
from scipy import signal

import wengert as wg

X = np.random.default_rng(0).normal(size=16)

# fmt: off
CASES = {
    "stft": lambda x: signal.stft(x,nperseg=8)[2],
    "spectrogram": lambda x: signal.spectrogram(x,nperseg=8)[2],
    "istft": lambda x: signal.istft((x.reshape(4,4)+1j)[:3,:],nperseg=4)[1],
    "resample_poly": lambda x: signal.resample_poly(x,3,2),
    "upfirdn": lambda x: signal.upfirdn([1,2,x[0]],x,2,3),
    "tf2ss": lambda x: signal.tf2ss([1,x[0]],[1,x[1],2.]),
    "ss2tf": lambda x: signal.ss2tf(np.array([[0,1],[x[0],x[1]]]),np.array([[0.],[1]]),np.array([[1,x[2]]]),np.array([[0.]])),
    "zpk2tf": lambda x: signal.zpk2tf([x[0]],[x[1],x[2]],x[3]),
    "tf2zpk": lambda x: signal.tf2zpk([1,x[0]],[1,3+x[1]**2,x[2]*.1])[2],
    "tf2zpk1": lambda x: signal.tf2zpk([1,x[0]],[1,3+x[1]**2,x[2]*.1])[1],
    "zpk2ss": lambda x: signal.zpk2ss([x[0]],[x[1],x[2]],x[3]),
    "tf2sos": lambda x: signal.tf2sos([1,x[0]],[1,3+x[1]**2,.1]),
    "sos2tf": lambda x: signal.sos2tf(np.array([[1,x[0],2,1,.1*x[1],.2]])),
    "zpk2sos": lambda x: signal.zpk2sos([x[0]],[.1*x[1],.1*x[2]],x[3]),
    "freqs": lambda x: np.abs(signal.freqs([1,x[0]],[1,x[1],2],[1.,2.])[1]),
    "group_delay": lambda x: signal.group_delay(([1,.1*x[0]],[1,.1*x[1]]),4)[1],
    "freqz_sos": lambda x: np.abs(signal.freqz_sos(np.array([[1,x[0],2,1,.1*x[1],.2]]),4)[1]),
    "freqz_zpk": lambda x: np.abs(signal.freqz_zpk([x[0]],[.1*x[1]],x[2],4)[1]),
    "bode": lambda x: signal.bode(([1,x[0]],[1,2,x[1]**2]),w=[.5,1.,2])[1],
    "TF": lambda x: signal.TransferFunction([1,x[0]],[1,2,x[1]**2]).freqresp(w=[1.,2])[1].real,
    "step": lambda x: signal.step(([1,x[0]],[1,2,x[1]**2]),T=np.linspace(0,1,5))[1],
    "impulse": lambda x: signal.impulse(([1,x[0]],[1,2,x[1]**2]),T=np.linspace(0,1,5))[1],
    "dlsim": lambda x: signal.dlsim((np.array([[.1*x[0],.2],[.1,.3]]),np.array([[1.],[0]]),np.array([[1.,x[1]]]),np.array([[0.]]),0.1),x[:5])[1],
    "dlti": lambda x: signal.dlti([1.,x[0]],[1,.1*x[1]],dt=.1).output(x[:5],np.arange(5)*.1)[1],
    "SS": lambda x: signal.StateSpace(np.array([[0,1],[-1-x[0]**2,-1]]),[[0],[1.]],[[1,x[1]]],[[0.]]).step(T=np.linspace(0,1,5))[1],
    "lti_out": lambda x: signal.lti([1.],[1,1+x[0]**2]).output(x[:5],np.arange(5.))[1],
    "zpg": lambda x: signal.ZerosPolesGain([x[0]],[-1.,-1-x[1]**2],x[2]).to_tf().num,
    "butter": lambda x: signal.butter(2,.3+.05*np.tanh(x[0])),
    "butter_sos": lambda x: signal.butter(3,.3+.05*np.tanh(x[0]),output="sos"),
    "bandpass": lambda x: signal.butter(1,[.2,.3+.05*np.tanh(x[0])],"band"),
    "cheby1": lambda x: signal.cheby1(2,1+.1*x[1]**2,.3+.05*np.tanh(x[0])),
    "ellip": lambda x: signal.ellip(2,1.,40,.3+.05*np.tanh(x[0])),
    "bessel": lambda x: signal.bessel(2,.3+.05*np.tanh(x[0])),
    "iirnotch": lambda x: signal.iirnotch(.3+.05*np.tanh(x[0]),30.+x[1]),
    "iirpeak": lambda x: signal.iirpeak(.3+.05*np.tanh(x[0]),30.),
    "firwin": lambda x: signal.firwin(7,.3+.05*np.tanh(x[0])),
    "firwin2": lambda x: signal.firwin2(9,[0,.5,1],[1,x[0],0]),
    "firls": lambda x: signal.firls(5,[0,.3,.5,1],[1,x[0]**2,0,0]),
    "bilinear": lambda x: signal.bilinear([1,x[0]],[1,2,x[1]]),
    "lp2lp": lambda x: signal.lp2lp([1,x[0]],[1,2,x[1]],2+x[2]),
    "residue": lambda x: signal.residue([1.,x[0]],[1,5.,x[1]**2])[0],
    "residuez": lambda x: signal.residuez([1.,x[0]],[1,.1*x[1]])[0],
    "invres": lambda x: signal.invres([x[0],x[1]],[1.,2],[0.])[0],
    "kaiser": lambda x: signal.windows.kaiser(7,3+x[0]),
    "gaussw": lambda x: signal.windows.gaussian(7,2+x[0]),
    "tukey": lambda x: signal.windows.tukey(7,.4+.1*x[0]),
    "getwin": lambda x: signal.get_window(("kaiser",3+x[0]),7),
    "cosinew": lambda x: signal.windows.general_hamming(7,.5+.1*x[0]),
    "expw": lambda x: signal.windows.exponential(7,tau=3+x[0]),
    "chebw": lambda x: signal.windows.chebwin(7,50+x[0]),
    "deconvolve": lambda x: signal.deconvolve(x[:6],[1.,x[1]*.1])[0],
    "minimum_phase": lambda x: signal.minimum_phase(np.array([1,2+x[0]**2,1.,.2,.1])),
    "hilbert2": lambda x: np.abs(signal.hilbert2(x.reshape(4,4))),
    "medfilt2d": lambda x: signal.medfilt2d(x.reshape(4,4)),
    "order_filter": lambda x: signal.order_filter(x,np.ones(3),1),
    "wiener": lambda x: signal.wiener(x,3),
    "decimate_fir": lambda x: signal.decimate(np.concatenate([x,x,x]),2,ftype="fir"),
    "savgol": lambda x: signal.savgol_filter(x,5,2),
    "detrend": lambda x: signal.detrend(x,bp=[5]),
    "lfiltic": lambda x: signal.lfiltic([1.,x[0]],[1,.1*x[1]],[x[2]]),
    "lfilter_zi": lambda x: signal.lfilter_zi([1.,x[0]],[1,.1*x[1]]),
    "sosfilt_zi": lambda x: signal.sosfilt_zi(np.array([[1,x[0],2,1,.1*x[1],.2]])),
    "sosfilt": lambda x: signal.sosfilt(np.array([[1,x[0],2,1,.1*x[1],.2],[1,x[2],0,1,.1*x[3],.1]]),x),
    "filtfilt": lambda x: signal.filtfilt([1,x[0]],[1,.1*x[1]],x,padlen=3),
    "gust": lambda x: signal.filtfilt([1,.2],[1,.1],x,method="gust"),
    "sosfiltfilt": lambda x: signal.sosfiltfilt(np.array([[1,x[0],2,1,.1*x[1],.2]]),x,padlen=3),
    "lombscargle": lambda x: signal.lombscargle(np.arange(16.),x,[.5,1.]),
    "coherence": lambda x: signal.coherence(x[:8],x[8:],nperseg=4)[1],
    "ShortTimeFFT": lambda x: np.abs(signal.ShortTimeFFT(np.hanning(5),2,1.).stft(x)),
    "correlate": lambda x: signal.correlate(x,x[:3],"same"),
    "argrelmax": lambda x: x[signal.argrelmax(x)[0]],
    "argrelextrema": lambda x: x[signal.argrelextrema(x,np.greater)[0]],
    "prom": lambda x: signal.peak_prominences(x,signal.find_peaks(x)[0])[0],
    "widths": lambda x: signal.peak_widths(x,signal.find_peaks(x)[0])[0],
    "fp_props": lambda x: [v for k,v in sorted(signal.find_peaks(x,height=-5,threshold=0,prominence=0,width=0)[1].items()) if v.dtype.kind=="f"],
    "gammatone": lambda x: signal.gammatone(200+x[0],"iir",fs=1600.),
    "czt": lambda x: np.abs(signal.czt(x,5)),
    "zoom_fft": lambda x: np.abs(signal.zoom_fft(x,[.1,.4],5)),
    "cspline1d": lambda x: signal.cspline1d(x),
    "qspline1d": lambda x: signal.qspline1d(x),
    "cspline_eval": lambda x: signal.cspline1d_eval(signal.cspline1d(x),np.array([1.5,3.3])),
    "vs": lambda x: signal.vectorstrength(x,1.3),
    "envelope": lambda x: signal.envelope(x),
    "gausspulse": lambda x: signal.gausspulse(x*.1,fc=5.),
}
# fmt: on
FIRST = {"ss2tf"}
"""Their second derivatives are zero but for rounding, or are asked for elsewhere."""


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name], X, h=1e-4, rtol=1e-5, order=1 if name in FIRST else 2)


def test_places_of_peaks_are_control_flow():
    def heights(x):
        peaks, found = signal.find_peaks(x, height=0.0, distance=2)
        return x[peaks] * found["peak_heights"], x[signal.find_peaks_cwt(x, [1, 2])], signal.square(x) * x

    check(heights, X)


B, A = np.array([0.2, 0.3, 0.2]), np.array([1.0, -0.4, 0.2])


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (signal.lfilter_zi, (B, A)),
        (lambda b, a: signal.lfiltic(b, a, [0.3, 0.1], [0.2, 0.5]), (B, A)),
        (signal.convolve, (np.arange(12.0).reshape(4, 3), np.outer(A, B))),
        (lambda x, k: signal.correlate(x, k, mode="same"), (np.arange(12.0).reshape(4, 3), np.outer(A, B))),
        (lambda x: signal.gauss_spline(x, 3), (np.array([0.3, 1.2]),)),
    ],
)
def test_branches_of_scipys_own(f, args):
    """The derivative in a₀ is there where a₀ is 1, too."""
    check(f, *args)


def test_separable_filters():
    image = np.random.default_rng(0).normal(size=(6, 7))
    check(signal.sepfir2d, image, np.array([1.0, 2.0, 0.5]), np.array([0.5, 1.0, 3.0, 0.2, 0.1]))


@pytest.mark.parametrize("method", ["log", "hyperbolic"])
def test_chirps_of_equal_frequencies(method):
    """The phase there has another formula, in which only one of them occurs."""
    t = np.array([0.5, 1.3, 2.2])
    f = lambda f0, f1: signal.chirp(t, f0, 2.0, f1, method=method)
    exact = 0.25 * t**2  # ½ t²/t₁
    slopes = wg.jacobian(f, argnums=(0, 1))(3.0, 3.0)
    turn = -2.0 * np.pi * np.sin(2.0 * np.pi * 3.0 * t)
    np.testing.assert_allclose(slopes, (turn * (t - exact), turn * exact), rtol=1e-11)
    check(f, 3.0, 3.0 + 1e-3, h=1e-3, rtol=1e-5)
