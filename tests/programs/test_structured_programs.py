"""Programs with structured arrays: fields, rows, records, views of them, np.rec and numpy.lib.recfunctions."""

import numpy as np
import pytest
from numpy.lib import recfunctions as rf
from ways import every_way

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

POINTS = [np.array([0.7, 1.3, 0.4]), np.array([0.9, 0.6, 1.1])]


D = [("p", float), ("v", float)]


def write_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"] = 2 * x
    return np.sum(s["p"] * s["v"])


def elem_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"][1] = x[0] ** 2
    return s[0]["p"] * s["v"][1] + s["p"][2]


def tuple_records(x):
    s = np.array([(x[0], x[1]), (x[1], x[2])], dtype=D)
    return np.sum(s["p"] ** 2 * s["v"])


def named_first_records(x):
    kind = [("n", "U3"), ("at", [("p", float), ("q", float)]), ("w", "f8")]
    s = np.array([("a", (x[0], 2.0), 1.0), ("b", (x[1], x[2] ** 2), 3.0)], dtype=kind)
    one = np.array(("c", (1.0, x[1]), x[0]), dtype=kind)
    return np.sum(s["at"]["p"] * s["w"]) + s["at"]["q"][1] * one["at"]["q"] * one["w"]


def item_records(x):
    s = np.zeros(2, dtype=D)
    s[0] = (x[0], x[1])
    s[1] = (x[2], 1.0)
    return (s["p"] * s["v"]).sum()


def rowset_records(x):
    s = np.zeros(2, dtype=D)
    s[0]["p"] = x[0]
    s[1]["v"] = x[1]
    r = s[1]
    r["p"] = x[2]
    return s["p"].sum() * s["v"].sum()


def sub_records(x):
    s = np.zeros(2, dtype=[("pos", float, 3), ("m", float)])
    s["pos"][0] = x
    s["pos"][1] = 2 * x
    s["m"] = x[:2]
    return np.sum(s["m"][:, None] * s["pos"] ** 2)


def nested_records(x):
    s = np.zeros(2, dtype=[("a", D), ("m", float)])
    s["a"]["p"] = x[:2]
    s["a"]["v"][1] = x[2]
    s["m"] = x[1]
    return np.sum(s["a"]["p"] ** 2 + s["a"]["v"] * s["m"])


def rec_records(x):
    r = np.rec.fromarrays([x, x**2], names="p,v")
    return np.sum(r.p * r.v)


def recview_records(x):
    s = np.zeros(3, dtype=D).view(np.recarray)
    s.p = x
    s.v = np.sin(x)
    return np.sum(s.p * s.v)


def copy_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    t = s.copy()
    t["p"] *= 2
    return np.sum(s["p"] * t["p"])


def s2u_records(x):
    from numpy.lib import recfunctions as rf

    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"] = x**2
    return np.sum(rf.structured_to_unstructured(s) ** 2)


def sort_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"] = [1.0, 2.0, 3.0]
    t = np.sort(s, order="p")
    return np.sum(t["p"] * t["v"] * [1, 2, 3])


def loop_records(x):
    parts = np.zeros(3, dtype=[("x", "f8"), ("v", "f8"), ("id", "i4")])
    parts["x"] = x
    parts["id"] = np.arange(3)
    for p in parts:
        p["v"] = p["x"] ** 2 + p["id"]
    return np.sum(parts["v"])


def mask_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"] = 3 * x
    t = s[s["p"] > 0.5]
    return np.sum(t["p"] * t["v"])


def captured_records(x):
    t = DATA["p"] * x
    return np.sum(t * DATA["v"])


DATA = np.array([(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)], dtype=D)


def capcopy_records(x):
    t = DATA.copy()
    t["p"] = x
    return np.sum(t["p"] * t["v"])


def multi_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] = x
    s["v"] = x**2
    t = s[["v", "p"]]
    return np.sum(t["v"] * t["p"])


def iadd_records(x):
    s = np.zeros(3, dtype=D)
    s["p"] += x
    s["v"] += s["p"] * 2
    s["p"] *= s["v"]
    return s["p"].sum()


M = np.dtype([("id", "i4"), ("name", "U8"), ("pos", float, (3,)), ("m", float), ("z", complex)])


def alias_records(x):
    s = np.zeros(3, D)
    p = s["p"]
    v = s[1:]
    r = s[2]
    s["p"] = x
    v["v"] = 7 * x[0]
    r["v"] *= x[1]
    p[0] = x[2] ** 2
    return np.sum(s["p"] ** 2 * s["v"]) + r["p"] * p[1] + v["p"].sum()


def mixed_records(x):
    s = np.zeros(2, M)
    s["id"] = [3, 5]
    s["name"] = ["a", "b"]
    s["pos"] = np.outer([1, 2], x)
    s["m"] = x[:2]
    s["z"] = x[0] * 1j + x[1]
    return (s["m"][:, None] * s["pos"]).sum() * s["id"][1] + np.abs(s["z"]).sum() + len(s["name"][0])


def row_tuple_records(x):
    s = np.zeros(3, D)
    s[:] = [(x[0], 1), (x[1], 2), (x[2], 3)]
    s[1] = (x[0] * x[1], x[2])
    s[2] = s[0]
    return np.sum(s["p"] * s["v"])


def swap_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    s["v"] = x**2
    s[["p", "v"]] = s[["v", "p"]]
    s[:] = s[::-1]
    return np.sum(s["p"] * s["v"] ** 2 * np.arange(3))


def viewf_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    s["v"] = 2 * x
    a = s.view(float).reshape(3, 2)
    a[:, 1] *= x
    return np.sum(s["v"] * s["p"])


def viewf2_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    a = s.view((float, 2))
    a[0] = x[1]
    return np.sum(s["v"] * s["p"]) + (a**2).sum()


def fromview_records(x):
    a = np.stack([x, x**2], axis=1)
    s = a.copy().view([("p", float), ("v", float)])[:, 0]
    return np.sum(s["p"] * s["v"])


def s2u_records_more(x):
    s = np.zeros(3, [("x", float), ("y", float), ("z", float), ("id", int)])
    s["x"] = x
    s["y"] = x**2
    s["z"] = 1
    u = rf.structured_to_unstructured(s[["x", "y", "z"]])
    return np.sqrt((u**2).sum(axis=1)).sum()


def s2u_mixed_records(x):
    s = np.zeros(3, [("x", float), ("id", int)])
    s["x"] = x
    s["id"] = 2
    return (rf.structured_to_unstructured(s) ** 2).sum()


def u2s_records(x):
    s = rf.unstructured_to_structured(np.stack([x, x**2], 1), dtype=np.dtype(D))
    return (s["p"] * s["v"]).sum()


def append_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = rf.append_fields(s, "w", x**2, usemask=False)
    return (t["p"] * t["w"]).sum()


def append_raw_records(x):
    t = rf.append_fields(np.ones(3, D), ["w", "u"], [x**2, np.arange(3.0)], usemask=False)
    return (t["p"] * t["w"] * t["u"]).sum()


def drop_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = rf.drop_fields(s, "v", usemask=False)
    return (t["p"] ** 2).sum()


def sort2_records(x):
    s = np.array([(x[0], 1.0), (x[1], 2.0), (x[2], 3.0)], dtype=D)
    s.sort(order="p")
    i = np.argsort(s, order=["v"])
    return (s["p"] * s["v"]).sum() + (s[i]["p"] * [1, 2, 3]).sum()


def concat_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = np.concatenate([s, s[:1], np.ones(1, D)])
    u = np.append(t, s[1:2])
    return (u["p"] ** 2 * np.arange(6)).sum()


def recrows_records(x):
    r = np.rec.fromrecords([(1, x[0], "a"), (2, x[1], "b")], names="id,val,name")
    return (r.id * r.val**2).sum() + r[0].val * r.val[1]


def recarr_records(x):
    r = np.recarray(3, dtype=[("a", float), ("b", float)])
    r.a = x
    r.b = 2
    r[1].b = x[0]
    return (r.a * r.b).sum()


def recarray2_records(x):
    r = np.rec.array([(x[0], 1.0), (x[1], 2.0)], dtype=D)
    return (r.p * r.v).sum()


def iter_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    tot = 0
    for p, v in s:
        tot = tot + p**2 + v
    for row in s:
        tot = tot + row["p"] * row[1]
    return tot + s[0].item()[0] * s.tolist()[1][0]


def nested_records_more(x):
    T = [("body", [("pos", float, 3), ("m", float)]), ("t", float)]
    s = np.zeros(2, T)
    s["body"]["pos"][0] = x
    s["body"][1]["pos"] = 2 * x
    s[0]["body"]["m"] = x[0]
    s["body"]["m"][1] = 3.0
    s[1] = ((x, x[1]), x[2])
    return (s["body"]["pos"] * s["body"]["m"][:, None]).sum() + s["t"].sum()


def nesttuple_records(x):
    s = np.array([((x[0], 2.0), x[1]), ((1.0, x[2]), 3.0)], dtype=[("a", D), ("t", float)])
    return (s["a"]["p"] * s["t"]).sum() + (s["a"]["v"] ** 2).sum()


def two_axes_records(x):
    s = np.zeros((2, 3), D)
    s["p"] = x
    s[1, 2]["p"] = x[0] ** 2
    s[:, 0]["v"] = x[1]
    return (s["p"] * (1 + s["v"])).sum() + s.T[0]["p"].sum() + s.ravel()["v"].sum()


def mask_records_more(x):
    s = np.zeros(3, D)
    s["p"] = x
    s["v"] = 1
    m = s["p"] > 0.5
    s["v"][m] = x[m] ** 2
    s[~m] = (x[1], x[0])
    t = s[m]
    t["p"] = 5.0
    return (s["p"] * s["v"]).sum() + t["v"].sum()


def fancy_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = s[[2, 0, 0]]
    s[[0, 1]] = s[[1, 0]]
    return (t["p"] * np.arange(3)).sum() + (s["p"] * np.arange(3) ** 2).sum()


def scalar_records(x):
    s = np.zeros((), D)
    s["p"] = x[0]
    s["v"] = x[1]
    r = s[()]
    return s["p"] * s["v"] + r["p"] * x[2]


def mult_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    return (
        (s["p"][:, None] * s["p"][None]).sum()
        + np.linalg.norm(s["p"])
        + s["p"] @ x
        + np.interp(0.8, np.sort(s["p"]), [1.0, 2, 3])
    )


def euler_records(x):
    b = np.zeros(2, dtype=[("r", float, 2), ("v", float, 2), ("m", float)])
    b["r"] = [[0.0, 0.0], [1.0, 0.0]]
    b["v"][1] = [0, x[0]]
    b["m"] = [1.0, x[1]]
    for _ in range(20):
        d = b["r"][1] - b["r"][0]
        F = b["m"][0] * b["m"][1] * d / np.sum(d**2) ** 1.5
        b["v"][0] += 0.01 * F / b["m"][0]
        b["v"][1] -= 0.01 * F / b["m"][1]
        b["r"] += 0.01 * b["v"]
    return (b["m"][:, None] * b["v"] ** 2).sum() + b["r"][1, 1] * x[2]


def group_records(x):
    s = np.zeros(3, [("k", int), ("w", float)])
    s["k"] = [1, 2, 1]
    s["w"] = x
    return sum(s[s["k"] == k]["w"].sum() ** 2 for k in np.unique(s["k"]))


def zeroslike_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = np.zeros_like(s)
    t["v"] = s["p"]
    u = np.empty_like(s)
    u[:] = t
    return (u["v"] ** 2).sum()


def f32_records(x):
    s = np.zeros(3, [("a", "f4"), ("b", "f8")])
    s["b"] = x
    return (s["a"] + s["b"] ** 2).sum()


def eq_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = s.copy()
    t[1] = (0, 0)
    return ((s == t) * x).sum() + s["p"].sum()


def astype_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    t = s.astype([("a", float), ("b", complex)])
    return (t["a"] ** 2).sum() + x.astype(np.dtype(D))["v"].sum()


def dict_records(x):
    s = np.zeros(3, dtype={"names": ["a", "b"], "formats": ["f8", "f8"]})
    s["a"] = x
    return {n: s[n].sum() for n in s.dtype.names}["a"] ** 2


def isinst_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    assert isinstance(s, np.ndarray)
    assert s.shape == (3,)
    assert len(s) == 3
    assert s.dtype.names == ("p", "v")
    assert s.ndim == 1
    assert s.size == 3
    assert isinstance(s[0], np.void)
    return s["p"].sum() ** 2


def empty_records(x):
    s = np.empty(3, D)
    s["p"] = x
    s["v"] = x
    return (s["p"] * s["v"]).sum()


def full_records(x):
    s = np.full(3, np.array((1.0, 2.0), dtype=D), dtype=D)
    s["p"] *= x
    o = np.ones(2, D)
    o["v"] = x[:2]
    return (s["p"] * s["v"]).sum() + (o["p"] * o["v"]).sum()


def where_records(x):
    s = np.zeros(3, D)
    s["p"] = x
    i = np.where(s["p"] > 0.5)[0]
    return s["p"][i].sum() + s["p"].max() + s[np.argmax(s["p"])]["p"] + s[s["p"].argmin()]["p"] ** 2


PROGRAMS = [
    write_records,
    elem_records,
    tuple_records,
    named_first_records,
    item_records,
    rowset_records,
    sub_records,
    nested_records,
    rec_records,
    recview_records,
    copy_records,
    s2u_records,
    sort_records,
    loop_records,
    mask_records,
    captured_records,
    capcopy_records,
    multi_records,
    iadd_records,
    alias_records,
    mixed_records,
    row_tuple_records,
    swap_records,
    viewf_records,
    viewf2_records,
    fromview_records,
    s2u_records_more,
    s2u_mixed_records,
    u2s_records,
    append_records,
    append_raw_records,
    drop_records,
    sort2_records,
    concat_records,
    recrows_records,
    recarr_records,
    recarray2_records,
    iter_records,
    nested_records_more,
    nesttuple_records,
    two_axes_records,
    mask_records_more,
    fancy_records,
    scalar_records,
    mult_records,
    euler_records,
    group_records,
    zeroslike_records,
    f32_records,
    eq_records,
    astype_records,
    dict_records,
    isinst_records,
    empty_records,
    full_records,
    where_records,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, POINTS)


def state(x):
    s = np.zeros(3, D + [("n", int)])
    s["p"], s["v"], s["n"] = x**2, x[0], 4
    return s


def test_a_structured_array_is_a_result():
    x = POINTS[0]
    y, y_dot = wg.jvp(state, (x,), (np.ones(3),))
    assert type(y) is np.ndarray
    np.testing.assert_array_equal(y, state(x))
    np.testing.assert_array_equal(y_dot["p"], 2 * x)
    np.testing.assert_array_equal(y_dot["v"], np.ones(3))
    np.testing.assert_array_equal(wg.jit(state)(x), state(x))
    np.testing.assert_array_equal(wg.vmap(state)(np.stack(POINTS))[1], state(POINTS[1]))
    _, rest = wg.grad(lambda x: (np.sum(x), state(x)), has_aux=True)(x)
    np.testing.assert_array_equal(rest, state(x))


def test_a_structured_array_without_recorded_numbers_is_a_plain_one_to_those_who_ask():
    def f(x):
        s = np.zeros(3, D)
        return np.sum(x) * len(s.tobytes()) + len(str(s)) + len(repr(s)) + s.flags.c_contiguous

    assert wg.value_and_grad(f)(POINTS[0])[0] == f(POINTS[0])


REFUSED = {
    "np.max(s)": NoDerivative,
    "s.mean()": NoDerivative,
    "s.data": NoDerivative,
    "s.swapaxes(0, 0)": NoDerivative,
    "np.unique(s)": NoDerivative,
    "np.putmask(s, [True, False, True], s)": NoDerivative,
    "s.view(complex)": NoDerivative,
    "s.view([('n', int), ('m', int)])": NoDerivative,
    "rf.append_fields(s, 'w', x)": NoDerivative,
    "np.dot(s, x)": NoDerivative,
    "x * s": NoDerivative,
    "np.exp(s)": LostDerivative,
    "s.view(np.recarray).tobytes()": NoDerivative,
    "s['none']": ValueError,
    "s.none": AttributeError,
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_known_of_them_is_refused(text):
    def f(x):
        s = np.zeros(3, D)
        s["p"] = x
        eval(text, globals() | {"s": s, "x": x})
        return np.sum(x)

    with pytest.raises(REFUSED[text]):
        wg.grad(f)(POINTS[0])


def test_what_is_copied_into_one_is_in_it():
    def f(x):
        s, t = np.zeros(3, D), np.ones(3, D)
        np.copyto(s, t)
        rf.assign_fields_by_name(t, s[["v"]])
        s["p"] = x * s["p"]
        np.copyto(t, s)
        return np.sum(t["p"] ** 2 * t["v"])

    every_way(f, POINTS)


def test_a_recorded_number_does_not_go_into_a_field_of_whole_numbers():
    def f(x):
        s = np.zeros(3, [("n", int), ("p", float)])
        s["n"] = x
        return np.sum(s["n"]) * x[0]

    with pytest.raises(LostDerivative, match="plain array"):
        wg.grad(f)(POINTS[0])
