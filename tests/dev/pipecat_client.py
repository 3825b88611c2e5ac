"""What pipecat does to hold a conversation at Tavus, with its own API class. Runs in .venv-pipecat, which has no more.

`python pipecat_client.py URL KEY FACE PERSONA` prints one JSON object.
"""

import asyncio
import json
import sys

import aiohttp
from pipecat.transports.tavus.transport import TavusApi  # type: ignore[import-not-found]


async def main(url: str, key: str, face: str, persona: str) -> None:
    TavusApi.BASE_URL = f"{url}/v2"
    async with aiohttp.ClientSession() as session:
        api = TavusApi(key, session)
        try:
            conversation = await api.create_conversation(face, persona)
            name = await api.get_persona_name(persona)
            await api.end_conversation(conversation["conversation_id"])
        except aiohttp.ClientResponseError as refusal:
            print(json.dumps({"refused": refusal.status}))
            return
    print(json.dumps({"conversation": conversation, "name": name}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
