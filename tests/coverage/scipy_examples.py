"""One example call for the public names of scipy.special and scipy.linalg; variables as for NumPy.

`args` of a ufunc: each is a variable (recorded), or a number or integer array (held constant).
"""

SPECIAL_UFUNCS = {
    "agm": "x, y", "bdtr": "2.0, 5, x", "bdtrc": "2.0, 5, x", "beta": "x, y", "betainc": "2.0, 3.0, x",
    "betaincc": "2.0, 3.0, x", "betainccinv": "2.0, 3.0, x", "betaincinv": "2.0, 3.0, x", "betaln": "x, y",
    "boxcox": "x, y", "boxcox1p": "x, y", "inv_boxcox": "x, y", "inv_boxcox1p": "x, y", "binom": "3 + x, y",
    "chdtr": "3.0, x", "chdtrc": "3.0, x", "chdtri": "3.0, x", "chndtr": "x, 3.0, y",
    "elliprc": "x, y", "elliprd": "x, y, 1 + x", "elliprf": "x, y, 1 + x", "elliprg": "x, y, 1 + x",
    "elliprj": "x, y, 1 + x, 2 + y", "ellipeinc": "x, y", "ellipkinc": "x, y", "ellipj": "x, 0.3",
    "eval_chebyc": "3, x", "eval_chebys": "3, x", "eval_chebyt": "3, x", "eval_chebyu": "3, x",
    "eval_gegenbauer": "3, 0.7, x", "eval_genlaguerre": "3, 0.7, x", "eval_hermite": "3, x",
    "eval_hermitenorm": "3, x", "eval_jacobi": "3, 0.7, 0.4, x", "eval_laguerre": "3, x",
    "eval_legendre": "3, x", "eval_sh_chebyt": "3, x", "eval_sh_chebyu": "3, x", "eval_sh_jacobi": "3, 1.7, 1.2, x",
    "eval_sh_legendre": "3, x", "expn": "3, x", "fdtr": "3.0, 4.0, x", "fdtrc": "3.0, 4.0, x",
    "fdtri": "3.0, 4.0, x", "gammainc": "2.0, x", "gammaincc": "2.0, x", "gammainccinv": "2.0, x",
    "gammaincinv": "2.0, x", "gdtr": "x, 2.0, y", "gdtrc": "x, 2.0, y", "gdtrix": "x, 2.0, y", "hankel1": "1.5, x",
    "hankel1e": "1.5, x", "hankel2": "1.5, x", "hankel2e": "1.5, x", "huber": "0.5, x", "pseudo_huber": "0.5 + y, x",
    "hyp0f1": "1.5, x", "hyp1f1": "1.5, 2.5, x", "hyp2f1": "1.5, 2.5, 3.5, 0.5 * x", "hyperu": "1.5, 2.5, x",
    "iv": "1.5, x", "ive": "1.5, x", "jn": "2, x", "jv": "1.5, x", "jve": "1.5, x", "kn": "2, x", "kv": "1.5, x",
    "kve": "1.5, x", "yn": "2, x", "yv": "1.5, x", "yve": "1.5, x", "kl_div": "x, y", "rel_entr": "x, y",
    "lpmv": "1, 2, x", "log_wright_bessel": "1.5, 1.2, x", "modstruve": "1.5, x", "struve": "1.5, x", "nbdtr": "2, 5, x",
    "nbdtrc": "2, 5, x", "nbdtri": "2, 5, x", "bdtri": "2, 5, x", "owens_t": "x, y", "pbdv": "1.5, x", "pbvv": "1.5, x",
    "pbwa": "1.5, x", "pdtr": "2, x", "pdtrc": "2, x", "poch": "1.5 + x, y", "powm1": "x, y", "smirnov": "3, x",
    "smirnovi": "3, x", "stdtr": "3.0, x", "stdtrit": "3.0, x", "voigt_profile": "x, 0.5 + y, 1.0 + x",
    "wright_bessel": "1.5, 1.2, x", "xlog1py": "x, y", "xlogy": "x, y", "nrdtrimn": "x, 1 + y, 0.3", "nrdtrisd": "x - 1, 0.7 + 0.3 * y, y + 0.5",
    "radian": "x, y, 1 + x", "besselpoly": "x, 0.5, 1.5", "mathieu_a": None, "mathieu_b": None,
    "kolmogi": "x", "exprel": "x", "round": None, "ellipk": "x", "ellipkm1": "x", "ndtri_exp": "-x",
    "loggamma": "x", "ellipe": "x", "spence": "x", "zetac": "1.5 + x", "log_ndtr": "x", "gammasgn": None,
    "chndtrix": "x, 3.0, 0.5", "chndtrinc": "3.0, 3.0, x", "gdtria": "x, 2.0, 1.5",
    "gdtrib": "1.2, x, 2.0", "chdtriv": "x, 2.0", "btdtria": "x, 2.0, 0.4", "btdtrib": "2.0, x, 0.4", "fdtridfd": "3.0, 0.5 + 0.1 * x, 1.2",
    "stdtridf": "0.8 + 0.01 * x, 1.5", "bdtrik": "0.4 + 0.1 * x, 9.5, 0.4", "bdtrin": "3.2, x, 0.4", "nbdtrik": "0.4 + 0.1 * x, 5.0, 0.4",
    "nbdtrin": "3.0, x, 0.4", "pdtri": "2, x", "tklmbda": "x, 0.3",
    "mathieu_cem": "2, 0.3, 10 * x", "mathieu_sem": "2, 0.3, 10 * x", "mathieu_modcem1": "2, 0.3, x",
    "mathieu_modcem2": "2, 0.3, 1 + x", "mathieu_modsem1": "2, 0.3, x", "mathieu_modsem2": "2, 0.3, 1 + x",
    "obl_ang1": "0, 1, 0.5, x", "pro_ang1": "0, 1, 0.5, x", "pro_rad1": "0, 1, 0.5, 1 + x", "obl_rad1": "0, 1, 0.5, x",
    "pro_rad2": "0, 1, 0.5, 1 + x", "obl_rad2": "0, 1, 0.5, 3 + x",
    "kelvin": "x", "fresnel": "x", "shichi": "x", "sici": "x", "wofz": "z",
}  # fmt: skip
"""Arguments where they are not just one vector x."""

CONSTANT_UFUNCS = {"gammasgn": "x", "round": "x"}

POLYNOMIALS = """
chebyc chebys chebyt chebyu hermite hermitenorm laguerre legendre sh_chebyt sh_chebyu sh_legendre
""".split()  # noqa: SIM905
NODES = [f"roots_{name}" for name in POLYNOMIALS]
ZEROS = "bei_zeros beip_zeros ber_zeros berp_zeros kei_zeros keip_zeros ker_zeros kerp_zeros erf_zeros".split()  # noqa: SIM905

SPECIAL_FUNCTIONS = {
    "logsumexp": "special.logsumexp(A, axis=1)",
    "softmax": "special.softmax(A, axis=1)",
    "log_softmax": "special.log_softmax(A, axis=1)",
    "softplus": "special.softplus(x)",
    "sinc": "special.sinc(x)",
    "multigammaln": "special.multigammaln(3.0 + s, 2)",
    "polygamma": "special.polygamma(2, x)",
    "zeta": "special.zeta(1.5 + x)",
    "factorial": "special.factorial(x)",
    "comb": "special.comb(3.0 + x, y)",
    "jvp": "special.jvp(2, x)",
    "yvp": "special.yvp(2, x)",
    "ivp": "special.ivp(2, x)",
    "kvp": "special.kvp(2, x)",
    "spherical_jn": "special.spherical_jn(2, x)",
    "spherical_yn": "special.spherical_yn(2, 1 + x)",
    "spherical_in": "special.spherical_in(2, x)",
    "spherical_kn": "special.spherical_kn(2, 1 + x)",
    "lambertw": "special.lambertw(x)",
    "diric": "special.diric(x, 3)",
    "legendre_p": "special.legendre_p(3, x)",
    "assoc_legendre_p": "special.assoc_legendre_p(3, 1, x)",
    "sph_legendre_p": "special.sph_legendre_p(3, 1, x)",
    "sph_harm_y": "special.sph_harm_y(3, 1, x, y)",
    "legendre_p_all": "special.legendre_p_all(3, x)",
    "assoc_legendre_p_all": "special.assoc_legendre_p_all(3, 1, x)",
    "sph_legendre_p_all": "special.sph_legendre_p_all(3, 1, x)",
    "sph_harm_y_all": "special.sph_harm_y_all(3, 1, x, y)",
    "assoc_laguerre": "special.assoc_laguerre(x, 3, 1.5)",
    "h1vp": "special.h1vp(2, x)",
    "h2vp": "special.h2vp(2, x)",
    "factorial2": "x * special.factorial2(5)",
    "factorialk": "x * special.factorialk(5, 3)",
    "perm": "x * special.perm(5, 2)",
    "stirling2": "x * special.stirling2(5, 2)",
    "bernoulli": "x * special.bernoulli(3)",
    "euler": "x[:3] * special.euler(2)",
    **{name: f"special.{name}(3)(x)" for name in POLYNOMIALS},
    **{name: f"special.{name}(3, 1.5)(x)" for name in ("genlaguerre", "gegenbauer")},
    **{name: f"special.{name}(3, 1.5, 1.2)(x)" for name in ("jacobi", "sh_jacobi")},
    **{name: f"x[:3] * special.{name}(3)[0]" for name in NODES},
    **{name: f"x[:3] * special.{name}(3, 1.5)[0]" for name in ("roots_genlaguerre", "roots_gegenbauer")},
    **{name: f"x[:3] * special.{name}(3, 1.5, 1.2)[0]" for name in ("roots_jacobi", "roots_sh_jacobi")},
    **{name: f"x[:3] * special.{name}(1, 3)" for name in ("jn_zeros", "jnp_zeros", "yn_zeros", "ynp_zeros")},
    **{name: f"x[:3] * special.{name}(3)" for name in ZEROS},
}

LINALG = {
    "block_diag": "linalg.block_diag(A, B)",
    "cho_factor": "linalg.cho_factor(SPD(A))[0]",
    "cho_solve_banded": "linalg.cho_solve_banded((linalg.cholesky_banded(np.stack([0.1 * x, x * x + 4])), False), x)",
    "cholesky_banded": "linalg.cholesky_banded(np.stack([0.1 * x, x * x + 4]))",
    "eig_banded": "linalg.eig_banded(np.stack([0.1 * x, x]))[0]",
    "eigvals_banded": "linalg.eigvals_banded(np.stack([0.1 * x, x]))",
    "cho_solve": "linalg.cho_solve(linalg.cho_factor(SPD(A)), x[:3])",
    "cholesky": "linalg.cholesky(SPD(A))",
    "circulant": "linalg.circulant(x)",
    "companion": "linalg.companion(x)",
    "convolution_matrix": "linalg.convolution_matrix(x, 3)",
    "coshm": "linalg.coshm(A)",
    "cosm": "linalg.cosm(A)",
    "det": "linalg.det(A)",
    "dft": "linalg.dft(4).real * x",
    "diagsvd": "linalg.diagsvd(x[:3], 3, 3)",
    "eig": "linalg.eig(SPD(A))[0]",
    "eigh": "linalg.eigh(SPD(A))[0]",
    "eigvals": "linalg.eigvals(SPD(A))",
    "eigvalsh": "linalg.eigvalsh(SPD(A))",
    "eigh_tridiagonal": "linalg.eigh_tridiagonal(x, y[:3])[0]",
    "eigvalsh_tridiagonal": "linalg.eigvalsh_tridiagonal(x, y[:3])",
    "expm": "linalg.expm(A)",
    "expm_frechet": "linalg.expm_frechet(A, B)",
    "fiedler": "linalg.fiedler(x)",
    "fractional_matrix_power": "linalg.fractional_matrix_power(SPD(A), 0.5)",
    "hadamard": "x * linalg.hadamard(4)",
    "hankel": "linalg.hankel(x)",
    "helmert": "linalg.helmert(4) @ x",
    "hilbert": "x * linalg.hilbert(4)",
    "inv": "linalg.inv(A)",
    "invhilbert": "x * linalg.invhilbert(4)",
    "invpascal": "x * linalg.invpascal(4)",
    "ishermitian": "=linalg.ishermitian(A)",
    "issymmetric": "=linalg.issymmetric(A)",
    "khatri_rao": "linalg.khatri_rao(A, B)",
    "leslie": "linalg.leslie(x, y[:3])",
    "logm": "linalg.logm(SPD(A))",
    "lstsq": "linalg.lstsq(M.T, x)[0]",
    "lu": "linalg.lu(A)[1:]",
    "lu_factor": "linalg.lu_factor(A)[0]",
    "lu_solve": "linalg.lu_solve(linalg.lu_factor(A), x[:3])",
    "matmul_toeplitz": "linalg.matmul_toeplitz(x, y)",
    "norm": "linalg.norm(A)",
    "null_space": "linalg.null_space(A[:2])",
    "hessenberg": "linalg.hessenberg(A)",
    "ldl": "linalg.ldl(A)[:2]",
    "schur": "linalg.schur(SPD(A))",
    "funm": "linalg.funm(SPD(A), np.exp)",
    "fiedler_companion": "linalg.fiedler_companion(x)",
    "solve_continuous_are": "linalg.solve_continuous_are(A, B, SPD(A), SPD(B))",
    "solve_discrete_are": "linalg.solve_discrete_are(A, B, SPD(A), SPD(B))",
    "orth": "linalg.orth(A)",
    "pascal": "x * linalg.pascal(4)",
    "pinv": "linalg.pinv(M)",
    "pinvh": "linalg.pinvh(SPD(A))",
    "polar": "linalg.polar(A)",
    "qr": "linalg.qr(A)",
    "rq": "linalg.rq(A)",
    "signm": "linalg.signm(A - 2.0 * np.eye(3))",
    "sinhm": "linalg.sinhm(A)",
    "sinm": "linalg.sinm(A)",
    "solve": "linalg.solve(A, x[:3])",
    "solve_banded": "linalg.solve_banded((1, 1), banded(x, y), x)",
    "solveh_banded": "linalg.solveh_banded(banded(x, y)[:2], x)",
    "solve_circulant": "linalg.solve_circulant(x, y)",
    "solve_continuous_lyapunov": "linalg.solve_continuous_lyapunov(A, B)",
    "solve_lyapunov": "linalg.solve_lyapunov(A, B)",
    "solve_discrete_lyapunov": "linalg.solve_discrete_lyapunov(0.2 * A, B)",
    "solve_sylvester": "linalg.solve_sylvester(A, B, A)",
    "solve_toeplitz": "linalg.solve_toeplitz(x + np.array([3.0, 0, 0, 0]), y)",
    "solve_triangular": "linalg.solve_triangular(A, x[:3], lower=True)",
    "sqrtm": "linalg.sqrtm(SPD(A))",
    "subspace_angles": "linalg.subspace_angles(A[:, :1], B[:, :1])",
    "svd": "linalg.svd(A)[1]",
    "svdvals": "linalg.svdvals(A)",
    "tanhm": "linalg.tanhm(A)",
    "tanm": "linalg.tanm(A)",
    "toeplitz": "linalg.toeplitz(x, y)",
    "bandwidth": "=linalg.bandwidth(A)",
    "matrix_balance": "linalg.matrix_balance(A)[0]",
    "orthogonal_procrustes": "linalg.orthogonal_procrustes(A, B)[1]",
}


def special_ufuncs() -> dict[str, str]:
    """Full name → expression, for every ufunc of scipy.special; one vector x unless said otherwise."""
    import numpy as np
    from scipy import special

    names = [n for n in special.__all__ if isinstance(getattr(special, n), np.ufunc)]
    table = {}
    for name in names:
        if name in CONSTANT_UFUNCS:
            table[name] = f"=special.{name}({CONSTANT_UFUNCS[name]})"
        elif getattr(special, name).nin == 1 or SPECIAL_UFUNCS.get(name):
            args = SPECIAL_UFUNCS.get(name, "x")
            table[name] = args and f"special.{name}({args})"
    return {f"scipy.special.{name}": text for name, text in table.items() if text}


def examples() -> dict[str, str]:
    """Full name → expression, for scipy.special and scipy.linalg."""
    full = special_ufuncs()
    full |= {f"scipy.special.{name}": text for name, text in SPECIAL_FUNCTIONS.items()}
    return full | {f"scipy.linalg.{name}": text for name, text in LINALG.items() if text}
