"""A Django-side process for the tests: a channel layer of the real Python
packages, told by lines of JSON on standard input what to do.

    /usr/bin/python3 peer.py '{"layer": "core", "config": {...}}'

Each line has an "id", an "op" and its arguments; the answer is a line with the
same "id" and "result" or "raised". Bytes are {"$bytes": hex}.
"""

import asyncio
import json
import resource
import sys
import time

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer


def to_json(value):
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, dict):
        return {k: to_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    return value


def from_json(value):
    if isinstance(value, dict):
        if "$bytes" in value:
            return bytes.fromhex(value["$bytes"])
        return {k: from_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [from_json(v) for v in value]
    return value


class Peer:
    def __init__(self, layer):
        self.layer = layer

    async def new_channel(self):
        return await self.layer.new_channel()

    async def group_add(self, group, channel):
        await self.layer.group_add(group, channel)

    async def group_discard(self, group, channel):
        await self.layer.group_discard(group, channel)

    async def send(self, channel, message):
        await self.layer.send(channel, from_json(message))

    async def group_send(self, group, message):
        await self.layer.group_send(group, from_json(message))

    async def receive(self, channel, timeout):
        return to_json(await asyncio.wait_for(self.layer.receive(channel), timeout))

    async def receive_numbers(self, channel, count, timeout):
        """The numbers of the next messages, in order."""
        got = []
        deadline = time.monotonic() + timeout
        while len(got) < count:
            message = await asyncio.wait_for(self.layer.receive(channel), deadline - time.monotonic())
            got.append(message["n"])
        return got

    async def group_send_numbers(self, group, count):
        for n in range(count):
            await self.layer.group_send(group, {"type": "test", "n": n})

    async def benchmark(self, members, sends, in_flight):
        """Group sends per second, counted when all members have received, and
        the processor seconds that this process took for each."""
        channels = [await self.layer.new_channel() for _ in range(members)]
        for channel in channels:
            await self.layer.group_add("bench", channel)
        missing = [0] * in_flight
        arrived = [asyncio.Event() for _ in range(in_flight)]

        async def read(channel):
            while True:
                worker = (await self.layer.receive(channel))["seq"]
                missing[worker] -= 1
                if missing[worker] == 0:
                    arrived[worker].set()

        async def work(worker, count):
            message = {"type": "hint", "seq": worker, "event": b"x" * 200}
            for _ in range(count):
                missing[worker] = members
                arrived[worker].clear()
                await self.layer.group_send("bench", message)
                await arrived[worker].wait()

        readers = [asyncio.create_task(read(c)) for c in channels]
        await work(0, 1)
        used = processor_seconds()
        start = time.monotonic()
        await asyncio.gather(*(work(worker, sends // in_flight) for worker in range(in_flight)))
        took = time.monotonic() - start
        used = processor_seconds() - used
        for reader in readers:
            reader.cancel()
        return {"per_second": sends / took, "cpu_per_send": used / sends}


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def serve(settings):
    classes = {"core": RedisChannelLayer, "pubsub": RedisPubSubChannelLayer}
    peer = Peer(classes[settings["layer"]](**settings["config"]))
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()

    async def answer(request):
        reply = {"id": request.pop("id")}
        try:
            reply["result"] = await getattr(peer, request.pop("op"))(**request)
        except Exception as error:
            reply["raised"] = type(error).__name__
        print(json.dumps(reply), flush=True)

    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def main():
    await serve(json.loads(sys.argv[1]))
    sys.stdout.flush()


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    import os

    os._exit(0)  # the pub/sub layer does not always end when told to
