"""Values as bytes and back."""

import subprocess
import sys

import pytest

# In a process of its own: a thread that sees a type half worked out ends the whole process.
MEET = """
import sys, threading
import msgspec
from expedit.core import convert, from_json, from_pack, to_pack

def fresh():
    inner = msgspec.defstruct("Inner", [(f"field_{n}", int | None, None) for n in range(5)])
    middle = msgspec.defstruct("Middle", [("inner", inner | None, None)])
    return msgspec.defstruct("Outer", [("middle", middle | None, None), ("name", str, "")])

plain = {"name": "x", "middle": {"inner": {"field_1": 1}}}
ways = {
    "json": lambda kind: from_json(msgspec.json.encode(plain), kind),
    "pack": lambda kind: from_pack(to_pack(plain), kind),
    "convert": lambda kind: convert(plain, kind),
}
sys.setswitchinterval(1e-6)
for _ in range(400):
    kind, together, seen = fresh(), threading.Barrier(3), []

    def read(way):
        together.wait()
        seen.append(way(kind).middle.inner.field_1)

    chosen = list(ways.values()) if sys.argv[1] == "all" else [ways[sys.argv[1]]] * 3
    threads = [threading.Thread(target=read, args=(way,)) for way in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1, 1, 1], seen
"""


@pytest.mark.parametrize("way", ["json", "pack", "convert", "all"])
def test_threads_may_meet_a_new_type_at_the_same_moment(way):
    ran = subprocess.run([sys.executable, "-c", MEET, way], check=False, capture_output=True, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, b"")
