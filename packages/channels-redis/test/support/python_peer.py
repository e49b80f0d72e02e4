"""A Python peer: runs commands from its standard input, one JSON object per line, and replies on its standard output.
Bytes are encoded as {"$bytes": hex}."""

import asyncio
import json
import sys

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer


def to_python(value):
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return bytes.fromhex(value["$bytes"])
        return {key: to_python(member) for key, member in value.items()}
    if isinstance(value, list):
        return [to_python(element) for element in value]
    return value


def to_json(value):
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, dict):
        return {key: to_json(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(element) for element in value]
    return value


async def main():
    settings = json.loads(sys.argv[1])
    kinds = {"pubsub": RedisPubSubChannelLayer, "queue": RedisChannelLayer}
    layer = kinds[settings["kind"]](**settings["options"])
    loop = asyncio.get_running_loop()

    def answer(number, **fields):
        sys.stdout.write(json.dumps({"re": number, **fields}) + "\n")
        sys.stdout.flush()

    async def run(command):
        number, name = command["id"], command["do"]
        try:
            if name == "new_channel":
                result = await layer.new_channel()
            elif name == "receive":
                result = await layer.receive(command["channel"])
            elif name == "send":
                result = await layer.send(command["channel"], to_python(command["message"]))
            elif name == "group_send":
                result = await layer.group_send(command["group"], to_python(command["message"]))
            elif name == "group_add":
                result = await layer.group_add(command["group"], command["channel"])
            elif name == "group_discard":
                result = await layer.group_discard(command["group"], command["channel"])
            else:
                raise ValueError(f"unknown command {name!r}")
            answer(number, ok=to_json(result))
        except Exception as error:
            answer(number, error=f"{type(error).__name__}: {error}")

    tasks = set()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        task = asyncio.ensure_future(run(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
