"""A process with one member in each group, on a layer of Python's channels_redis. Runs commands from its standard input."""

import asyncio
import json
import sys
import time

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

settings = json.loads(sys.argv[1])
in_flight = settings["inFlight"]
text = settings["text"]


def now_us():
    return time.monotonic_ns() // 1000


def make_layer():
    options = {"hosts": [settings["url"]], "prefix": settings["prefix"]}
    if settings["kind"] == "py pubsub":
        return RedisPubSubChannelLayer(**options)
    return RedisChannelLayer(**options, capacity=1_000_000)


async def main():
    layer = make_layer()
    channel = await layer.new_channel()
    state = {"until": 0, "count": 0, "latencies": []}

    async def receive():
        while True:
            message = await layer.receive(channel)
            json.dumps(message)
            now = now_us()
            if now <= state["until"]:
                state["count"] += 1
                if len(state["latencies"]) < 10_000:
                    state["latencies"].append(now - message["sentUs"])

    receive_task = asyncio.ensure_future(receive())
    loop = asyncio.get_running_loop()
    joined = 0

    async def send(group):
        await layer.group_send(group, {"type": "chat.message", "sentUs": now_us(), "text": text})

    async def flood(groups, until):
        sent = 0

        async def send_in_sequence():
            nonlocal sent
            while now_us() < until:
                sent += 1
                await send(f"room.{sent % groups}")

        await asyncio.gather(*(send_in_sequence() for _ in range(in_flight)))

    async def pace(groups, until, rate):
        started_at = now_us()
        sent = 0
        while now_us() < until:
            early = started_at + sent * 1e6 / rate - now_us()
            if early > 0:
                await asyncio.sleep(early / 1e6)
            asyncio.ensure_future(send(f"room.{sent % groups}"))
            sent += 1

    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            receive_task.cancel()
            return
        order = json.loads(line)
        answer = {}
        if order["do"] == "join":
            while joined < order["groups"]:
                await layer.group_add(f"room.{joined}", channel)
                joined += 1
        elif order["do"] == "count":
            state.update(until=order["until"], count=0, latencies=[])
        elif order["do"] == "flood":
            await flood(order["groups"], order["until"])
        elif order["do"] == "pace":
            await pace(order["groups"], order["until"], order["rate"])
        elif order["do"] == "report":
            answer = {"received": state["count"], "latenciesUs": state["latencies"]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


asyncio.run(main())
