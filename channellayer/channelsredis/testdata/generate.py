"""Writes vectors.json: what the Python packages channels_redis and channels
write and read, for the tests of this directory's package.

    /usr/bin/python3 generate.py > vectors.json

It needs Debian's python3-channels-redis and redis-server, which it starts on a
free port. Values in JSON: {"$bytes": hex} stands for bytes, {"$int": text} for
an integer beyond 2**53, {"$float": text} for NaN and infinities, and
{"$repeat": value, "times": n} for a text, bytes or list of one thing many times.
"""

import asyncio
import base64
import hashlib
import json
import math
import random
import socket
import subprocess
import sys
import tempfile

import channels
import channels_redis
from channels.layers import BaseChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import _consistent_hash
from cryptography.fernet import Fernet
from redis import asyncio as aioredis

MESSAGE = {"type": "chat.message", "text": "héllo", "n": 42, "raw": b"\x00\xff"}

NAMES = [
    "", "a", "a.b", "a-b", "a_b", "A9", "a b", "a/b", "a:b", "é", "a!", "a!b", "!b", "!", "a!b!c", "a!!", "a!é", "a!٣", "٣",
    "a\n", "a!b\n", "a\r\n", "a?b", "x" * 99, "x" * 100, "x" * 98 + "!", "x" * 99 + "!", "specific." + "0" * 32 + "!" + "f" * 32,
    "a!b.c-d_e", "a.b!", "a\u2028", "a!_", "-", "_", ".",
]

HASHED = ["", "a", "room-1", "room-2", "asgi__group__room-1", "asgi__group__room-4", "specific.procA!", "specific.procA!one", "é"]

VALUES = [
    {}, *({"a": n} for n in (
        1, -1, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, 2**64 - 1, -32, -33, -128, -129, -32768, -32769,
        -2**31, -2**31 - 1, -2**63, 1.5, 0.1, math.nan, math.inf, -math.inf, True, False, None, "", "x" * 31, "x" * 32, "x" * 255,
        "x" * 256, "x" * 65536, "é中😀", b"", b"\x00\xff", b"x" * 255, b"x" * 256, b"x" * 65536, [], [1, "b", None], (1, 2),
        list(range(16)), {"b": {"c": [{}]}}, [0] * 70000)),
    {str(i): i for i in range(16)}, {"k%d" % i: i for i in range(300)}, {"b": 1, "a": 2}, MESSAGE,
]

FOREIGN = {
    "str8 key and value": "81d90161d90178", "map16": "de0001a161a178", "bin8 key": "81c40161a178",
    "uint64 small int": "81a161cf0000000000000005", "int64 small int": "81a161d3ffffffffffffffff", "float32": "81a161ca3fc00000",
    "array16": "81a161dc000101", "bin8 value": "81a161c4020001", "ext timestamp": "81a161d6ff00000000", "ext 5": "81a161d40500",
    "int key": "8101a178", "invalid utf8 str": "81a161a1ff", "array top level": "9101", "trailing bytes": "81a161a178c0",
    "truncated": "81a161", "empty payload": "", "uint64 above int64": "81a161cfffffffffffffffff", "duplicate key": "82a16101a16102",
}


def plain(value):
    """Makes a value fit for JSON."""
    if isinstance(value, (str, bytes, list)) and len(value) > 100 and len(set(value)) == 1:
        return {"$repeat": plain(value[:1]), "times": len(value)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"$int": str(value)}
    if isinstance(value, dict):
        return {plain_key(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return {"$other": type(value).__name__}


def plain_key(key):
    return key if isinstance(key, str) else "$bytes:" + key.hex()


def short(raw):
    """Long outputs as a hash."""
    entry = {"length": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    if len(raw) <= 400:
        entry["hex"] = raw.hex()
    return entry


def accepted(check, name, **arguments):
    try:
        return bool(check(name, **arguments))
    except TypeError:
        return False


def names():
    layer = BaseChannelLayer()
    return [{"name": n, "channel": accepted(layer.valid_channel_name, n), "group": accepted(layer.valid_group_name, n)} for n in NAMES]


def hashes():
    return [{"value": v, "hosts": n, "index": _consistent_hash(v, n)} for v in HASHED for n in (1, 2, 3, 4, 5, 7)]


def values():
    layer = RedisChannelLayer()
    return [{"value": plain(v), **short(layer.serialize(v)[12:])} for v in VALUES]


def foreign():
    layer = RedisChannelLayer()
    out = []
    for case, payload in FOREIGN.items():
        entry = {"case": case, "payload_hex": payload}
        try:
            entry["received"] = plain(layer.deserialize(bytes(12) + bytes.fromhex(payload)))
        except Exception as error:
            entry["raised"] = type(error).__name__
        out.append(entry)
    return out


def fernet():
    out = []
    iv = bytes(range(16))
    for key in ("correct horse battery staple", "", "clé secrète", "x" * 300):
        f = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
        for text in (b"\x80", RedisChannelLayer().serialize({"type": "chat.message", "n": 42})[12:], b"x" * 16, b""):
            token = f._encrypt_from_parts(text, 1700000000, iv)
            out.append({"key_text": key, "time": 1700000000, "iv_hex": iv.hex(), "plaintext_hex": text.hex(), "token": token.decode()})
    return out


async def dump(redis):
    """All members of all channel keys, and the groups."""
    out = []
    for key in sorted(await redis.keys("*")):
        for member, score in await redis.zrange(key, 0, -1, withscores=True):
            out.append({"key": key.decode(), "member_hex": member.hex(), "score": score})
    return out


async def core(host, title, act, **settings):
    """Runs one scenario on an empty server and tells what is in Redis."""
    redis = aioredis.Redis(host=host[0], port=host[1])
    await redis.flushall()
    layer = RedisChannelLayer(hosts=[host], **settings)
    await act(layer)
    result = {"scenario": title, "settings": settings, "redis": await dump(redis)}
    await layer.close_pools()
    await redis.close()
    return result


async def send_normal(layer):
    await layer.send("plain-channel", MESSAGE)


async def send_specific(layer):
    await layer.send("specific.procA!one", MESSAGE)


async def group_send(layer):
    for channel in ("specific.procA!one", "specific.procA!two", "specific.procB!three", "plain-channel"):
        await layer.group_add("room-1", channel)
    await layer.group_send("room-1", MESSAGE)


async def pubsub(host):
    """What a subscriber to everything hears of the pub/sub layer."""
    redis = aioredis.Redis(host=host[0], port=host[1])
    await redis.flushall()
    listener = redis.pubsub()
    await listener.psubscribe("*")
    await listener.get_message(timeout=5)
    layer = RedisPubSubChannelLayer(hosts=["redis://%s:%d" % host])
    await layer.send("parley.0123!one", MESSAGE)
    await layer.group_send("room-1", MESSAGE)
    heard = []
    while len(heard) < 2:
        message = await listener.get_message(timeout=5)
        if message and message["type"] == "pmessage":
            heard.append({"wire": message["channel"].decode(), "body_hex": message["data"].hex()})
    await listener.close()
    await redis.close()
    return heard


async def scenarios(host):
    keys = {"symmetric_encryption_keys": ["new key", "old key"]}
    return {
        "core": [
            await core(host, "send to a normal channel", send_normal),
            await core(host, "send to a specific channel", send_specific),
            await core(host, "group_send", group_send),
            await core(host, "group_send with another prefix", group_send, prefix="other"),
            await core(host, "encrypted group_send", group_send, **keys),
        ],
        "pubsub": await pubsub(host),
    }


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    random.seed(1)
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory], stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    pass
            ran = asyncio.run(scenarios(("127.0.0.1", port)))
        finally:
            server.terminate()
            server.wait()
    json.dump({
        "versions": {"channels": channels.__version__, "channels_redis": channels_redis.__version__},
        "message": plain(MESSAGE), "names": names(), "consistent_hash": hashes(), "msgpack_values": values(),
        "foreign": foreign(), "fernet": fernet(), **ran,
    }, sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")


main()
