"""Object code on disk: found again, damaged, refused, written by many at once; compiled functions travel."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import wengert as wg
from wengert.errors import CacheWarning

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import cache as disk

unix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="modes and owners are Unix's")
X = np.linspace(0.0, 1.0, 7)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of its own."""
    place = tmp_path / "cache"
    monkeypatch.setenv("WENGERT_CACHE", str(place))
    disk._opened.cache_clear()
    yield place
    disk._opened.cache_clear()


def compiled():
    """A new jitted function, called: whether it came from disk."""
    jitted = wg.jit(lambda x: np.sum(np.sin(x) * x + 1.25))
    np.testing.assert_allclose(jitted(X), np.sum(np.sin(X) * X + 1.25), rtol=1e-13)
    np.testing.assert_allclose(jitted(X), np.sum(np.sin(X) * X + 1.25), rtol=1e-13)
    return "loaded from disk" in jitted.explain(X)


def environment():
    """For a process of its own: what this one imports from."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def entries(home):
    return sorted(home.glob("*.o"))


def test_found_again(home):
    assert not compiled()
    assert compiled()
    assert len(entries(home)) == 1
    assert not list(home.glob("new-*"))


def test_found_by_another_process(home):
    code = (
        "import numpy as np, wengert as wg\n"
        "f = wg.jit(wg.grad(lambda x, A: np.sum(np.sin(A @ x) * np.exp(x)) if x[0] > 0 else np.sum(x)))\n"
        "x, A = np.ones(3), np.eye(3); f(x, A)\n"
        "print('loaded from disk' in f.explain(x, A), f(x, A).sum())"
    )
    run = lambda: (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
        ).stdout
    )
    first, second = run().split(), run().split()
    assert (first[0], second[0]) == ("False", "True")
    assert first[1] == second[1]


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:40], lambda b: b"", lambda b: b[:-9] + b"X" + b[-8:]]
)
def test_damaged(home, damage):
    compiled()
    (entry,) = entries(home)
    entry.write_bytes(damage(entry.read_bytes()))
    with pytest.warns(CacheWarning, match="it is damaged"):
        assert not compiled()
    assert compiled()  # written anew


def test_an_entry_under_another_name(home):
    compiled()
    (entry,) = entries(home)
    other = disk.key_of("something else")
    entry.rename(home / f"{other}.o")
    with pytest.warns(CacheWarning, match="it is damaged"):
        assert disk.load(other) is None


@unix
def test_an_entry_that_others_may_write(home):
    compiled()
    (entry,) = entries(home)
    assert entry.stat().st_mode & 0o777 == 0o600
    entry.chmod(0o666)
    with pytest.warns(CacheWarning, match=r"may be written by others \(mode 666\)"):
        assert not compiled()


@unix
def test_an_entry_that_is_a_link(home, tmp_path):
    compiled()
    (entry,) = entries(home)
    entry.rename(tmp_path / "elsewhere.o")
    entry.symlink_to(tmp_path / "elsewhere.o")
    with pytest.warns(CacheWarning, match="is ignored"):
        assert not compiled()


@unix
def test_an_entry_that_is_no_file(home):
    compiled()
    (entry,) = entries(home)
    entry.unlink()
    os.mkfifo(entry, 0o600)
    with pytest.warns(CacheWarning, match="it is not a file"):
        assert not compiled()


@unix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_directory_that_others_may_write(home, mode):
    home.mkdir()
    home.chmod(mode)
    with pytest.warns(CacheWarning, match=r"may be written by others.*\nSet WENGERT_CACHE"):
        assert not compiled()
    assert not compiled()  # and nothing is said again
    assert not entries(home)


@unix
def test_a_directory_in_one_that_others_may_write(home):
    home.parent.chmod(0o777)
    try:
        with pytest.warns(CacheWarning, match="may be written by others"):
            assert not compiled()
    finally:
        home.parent.chmod(0o700)


@unix
def test_a_directory_that_is_a_link(home, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    home.symlink_to(tmp_path / "real")
    with pytest.warns(CacheWarning, match="is a symbolic link"):
        assert not compiled()


@unix
def test_a_directory_of_another_user(home, monkeypatch):
    home.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.warns(CacheWarning, match=f"belongs to another user .number {home.stat().st_uid}"):
        assert not compiled()


def test_a_directory_that_cannot_be_made(home):
    home.write_text("a file")
    with pytest.warns(CacheWarning, match="not kept on disk"):
        assert not compiled()


def test_a_directory_that_cannot_be_written(home, monkeypatch):
    compiled()

    def read_only(*args, **kwargs):
        raise PermissionError("read-only file system")

    assert compiled()
    for entry in entries(home):
        entry.unlink()
    monkeypatch.setattr(disk.tempfile, "mkstemp", read_only)
    with pytest.warns(CacheWarning, match="cannot be written to: read-only"):
        assert not compiled()


def test_off(home, monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE", "0")
    assert not compiled()
    assert not compiled()
    assert not home.exists()


def test_the_default_place(tmp_path, monkeypatch):
    monkeypatch.delenv("WENGERT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    disk._opened.cache_clear()
    assert disk._directory() == tmp_path / "wengert"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "me")
    assert disk._directory() == tmp_path / "me" / ".cache" / "wengert"
    disk._opened.cache_clear()


def test_the_oldest_entries_make_room(home, monkeypatch):
    monkeypatch.setattr(disk, "_MOST_BYTES", 3000)
    monkeypatch.setattr(disk, "_OFTEN", 1)
    for k in range(6):
        disk.store(disk.key_of(str(k)), bytes(900))
        os.utime(home / f"{disk.key_of(str(k))}.o", (k, k))
    assert [disk.load(disk.key_of(str(k))) is not None for k in range(6)] == [False] * 3 + [True] * 3


HAMMER = """
import sys, warnings
from wengert.native import cache as disk
warnings.simplefilter("error")
seed, key, bad = int(sys.argv[1]), disk.key_of("shared"), 0
for k in range(150):
    disk.store(key, bytes([(seed + k) % 251]) * (10_000 + 977 * seed))
    found = disk.load(key)
    bad += found is None or len(set(found)) != 1
print(bad)
"""


def test_many_processes_write_one_entry(home):
    start = lambda seed: subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(seed)], stdout=subprocess.PIPE, text=True, env=environment()
    )
    running = [start(seed) for seed in range(3)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["0"] * 3


# ── pickles ──


def module_level(x):
    return np.sum(np.sin(x) * x) if x[0] > 0 else np.sum(x)


JITTED = wg.jit(module_level)


@wg.jit(static_argnums=1)
def decorated(x, n):
    return x * n


def test_pickles(home):
    for f in (JITTED, wg.jit(wg.grad(module_level)), wg.jit(module_level, max_paths=3)):
        f(X + 1)
        again = pickle.loads(pickle.dumps(f))
        assert again.options == f.options
        for x in (X + 1, X - 1):
            np.testing.assert_array_equal(again(x), f(x))
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert decorated(2.0, 3.0) == 6.0


def test_to_another_process(home, tmp_path):
    f = wg.jit(wg.grad(module_level))
    (tmp_path / "f").write_bytes(pickle.dumps((f, X)))
    code = (
        "import pickle\n"
        f"f, x = pickle.load(open({str(tmp_path / 'f')!r}, 'rb'))\n"
        "print(float((f(x + 1) + f(x - 1)).sum()))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment(), timeout=60
    ).stdout
    np.testing.assert_allclose(float(out), np.sum(f.f(X + 1) + f.f(X - 1)), rtol=1e-12)
