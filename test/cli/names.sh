# Names of files hold every byte there is: programs of Python and JSON say them, and nothing runs.
python3 -c '' 2>/dev/null || exit 77
cat > check.py <<'PY'
import ast
import json
import os
import subprocess

EVERY = bytes(byte for byte in range(1, 256) if byte != ord("/"))
NAMES = [EVERY[:125], EVERY[125:], b"a\nraise SystemExit(3)\n#",
         b"b\"\"\"'''\nraise SystemExit(3)\n\"\"\"'''\\", b"f%(prog)s {g} $(touch ran) `touch ran`",
         "\u2028\u0085\u202e\ufeff\U0001f600\u00e9".encode() + b"\xed\xa0\x80\xf5\xc0\xaf\xe2\x82"]


def run(*words):
    return subprocess.run(["benign", *words], check=True, stdout=subprocess.PIPE).stdout


def constants(python):
    """NAME = literal, of a program that compiles."""
    assert python.isascii()
    compile(python, "program", "exec")
    found = {}
    for node in ast.parse(python).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                pass
    return found


def written(name):
    """As JSON has it: UTF-8, other bytes, and what terminals obey, as \\xNN."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join("".join(f"\\x{byte:02x}" for byte in c.encode()) if 127 <= ord(c) < 160 else c
                   for c in text)


for i, name in enumerate(NAMES):
    data, model, store = b"%d" % i + name + b".csv", b"m%d" % i + name, b"s%d" % i + name
    with open(data, "w") as out:
        out.write("0.5,1\n0.25,0\n0.125,1\n")
    with open(model, "w") as out:
        out.write("input 1 fc-3 tanh fc-2\n")
    spec = b"csv:file=" + data.replace(b"\\", b"\\\\").replace(b",", b"\\,")
    settings = [b"data=" + spec, "epochs=2", "until=train_error<=0"]

    found = constants(run("export", "--torch", model, *settings, "--train", b"r%d" % i))
    assert os.fsencode(found["MODEL"]) == model, found
    assert os.fsencode(found["DATA"]).startswith(spec), found
    assert found["UNTIL"] == "train_error<=0" and found["NETWORK"] == "input 1 fc-3 tanh fc-2", found

    runs = json.loads(run("train", model, *settings, "--store", store, "--out", "w", "--json"))
    assert runs[0]["data"].startswith(written(spec)), runs[0]
    found = constants(run("export", "--torch", store, "--train", b"r%d" % i))
    assert os.fsencode(found["MODEL"]) == store, found
    assert os.fsencode(found["DATA"]).startswith(spec), found

    assert json.loads(run("data", spec, "--json"))["data"].startswith(written(spec))
    assert json.loads(run("count", model, "--json"))["model"] == written(model)
    assert json.loads(run("ridge", data, "--json"))["data"] == written(data)
    plan = json.loads(run("train", model, *settings, "--store", store, "--dry-run", "--json"))
    assert plan["runs"][0]["settings"]["data"].startswith(written(spec)), plan
    curves = json.loads(run("curve", store, "--x", "epoch", "--y", "train_loss", "--json"))
    assert curves["source"] == written(store), curves
    if os.path.exists("ran"):
        raise SystemExit("a name was run")
PY
python3 check.py
