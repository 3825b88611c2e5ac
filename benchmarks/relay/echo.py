"""`python -m benchmarks.relay.echo PORT`: the bare relay beside ours. It says every message back, and that is all."""

import asyncio
import signal
import sys

from websockets.asyncio.server import ServerConnection, serve


async def say_back(socket: ServerConnection) -> None:
    async for message in socket:
        await socket.send(message)


async def main(port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with serve(say_back, "127.0.0.1", port):
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
