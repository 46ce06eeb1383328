"""A Django Channels application for the tests, with a chat consumer in the
usual manner: one group for a room, and handlers that hand an event's message,
username and room on to the browser.

    /usr/bin/python3 application.py '{"backend": "...", "config": {...}, "group": "..."}'

A browser is connected to it. Each line of JSON on standard input is either
{"typed": {...}}, sent by the browser, or {"group_send": {...}}, sent to the group
by the application itself. What the browser gets is printed, one line each; the
first line says that it is connected.
"""

import asyncio
import json
import os
import sys

from django.conf import settings

given = json.loads(sys.argv[1])
settings.configure(
    CHANNEL_LAYERS={"default": {"BACKEND": given["backend"], "CONFIG": given["config"]}},
    SECRET_KEY="for tests",
)

import django  # noqa: E402

django.setup()

from asgiref.testing import ApplicationCommunicator  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402


class RoomConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add(given["group"], self.channel_name)
        await self.accept()

    async def receive(self, text_data):
        typed = json.loads(text_data)
        event = {"type": "chat_message", "message": typed["message"], "username": typed["username"], "room": typed["room"]}
        await self.channel_layer.group_send(given["group"], event)

    async def chat_message(self, event):
        await self.send(json.dumps({key: event[key] for key in ("message", "username", "room")}))


def say(line):
    print(line, flush=True)


async def print_received(browser):
    while True:
        say((await browser.receive_output(timeout=3600))["text"])


async def main():
    browser = ApplicationCommunicator(RoomConsumer.as_asgi(), {"type": "websocket", "path": "/", "headers": []})
    await browser.send_input({"type": "websocket.connect"})
    say(json.dumps({"connected": (await browser.receive_output(timeout=20))["type"] == "websocket.accept"}))
    printing = asyncio.create_task(print_received(browser))
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        if "typed" in order:
            await browser.send_input({"type": "websocket.receive", "text": json.dumps(order["typed"])})
        else:
            await get_channel_layer().group_send(given["group"], order["group_send"])
    printing.cancel()


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    os._exit(0)  # the pub/sub layer does not always end when told to
