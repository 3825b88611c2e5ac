"""Who may ask the Tavus look-alike, in which words, and that a client nobody here wrote gets along with it."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest

from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from tests.dev.account import FACE, KEY, PAL, start
from tests.dev.loops import lived

if TYPE_CHECKING:
    from livekit.plugins.tavus.api import TavusAPI


def with_livekit(url: str, key: str, work: Callable[["TavusAPI"], Coroutine[Any, Any, str]]) -> str:
    from livekit.plugins.tavus.api import TavusAPI  # takes more than a second, which every collection would pay

    async def run() -> str:
        async with aiohttp.ClientSession() as session:
            return await work(TavusAPI(key, f"{url}/v2", session=session))

    return lived(run())


@pytest.mark.slow
def test_a_foreign_client_creates_a_conversation_with_its_own_stock_pal(tavus: httpx.Client) -> None:
    conversation_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_conversation())

    assert tavus.get(f"/v2/conversations/{conversation_id}").json()["status"] == "active"


@pytest.mark.slow
def test_a_foreign_client_creates_a_pal_and_a_persona(tavus: httpx.Client) -> None:
    pal_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_pal("Ada", default_face_id=FACE))
    persona_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_persona("Ben"))

    assert tavus.get(f"/v2/personas/{pal_id}").json()["persona_name"] == "Ada"
    assert tavus.get(f"/v2/pals/{persona_id}").json()["pal_name"] == "Ben"


@pytest.mark.slow
def test_a_foreign_client_hears_why_it_is_refused(tavus: httpx.Client) -> None:
    from livekit.agents import APIStatusError

    url = str(tavus.base_url)

    with pytest.raises(APIStatusError) as wrong_key:
        with_livekit(url, "no key of ours", lambda api: api.create_conversation())
    with pytest.raises(APIStatusError) as wrong_pal:
        with_livekit(url, KEY, lambda api: api.create_conversation(pal_id="p000000000000"))

    assert (wrong_key.value.status_code, wrong_key.value.body) == (401, '{"message":"Invalid access token"}')
    assert (wrong_pal.value.status_code, wrong_pal.value.body) == (400, '{"error":"Invalid persona_id"}')


@pytest.mark.parametrize("path", ["/v2/conversations", "/v2/conversations/unknown", "/v2/no-such-thing"])
def test_without_a_key_nothing_else_is_looked_at(tavus: httpx.Client, path: str) -> None:
    answer = httpx.post(f"{tavus.base_url}{path}", content=b"not even JSON")

    assert (answer.status_code, answer.json()) == (401, {"message": "Invalid access token"})


def test_old_and_new_words_name_the_same_things(tavus: httpx.Client) -> None:
    old = tavus.post("/v2/conversations", json={"persona_id": PAL, "replica_id": FACE}).json()

    record = tavus.get(f"/v2/conversations/{old['conversation_id']}").json()
    assert record["pal_id"] == record["persona_id"] == PAL
    assert record["face_id"] == record["replica_id"] == FACE
    assert tavus.get("/v2/replicas").json() == tavus.get("/v2/faces").json()


def test_an_account_may_be_told_to_speak_only_the_new_words() -> None:
    with serving(create_app(TavusConfig(names="new"))) as url:
        record = httpx.get(f"{url}/v2/personas/{PAL}", headers={"x-api-key": KEY}).json()

    assert record["pal_id"] == PAL
    assert "persona_id" not in record


def test_another_account_does_not_see_a_conversation(tavus: httpx.Client) -> None:
    conversation_id = start(tavus)["conversation_id"]

    answer = tavus.get(f"/v2/conversations/{conversation_id}", headers={"x-api-key": "tvsk_somebody_else"})

    assert answer.json() == {"error": "Invalid conversation_id"}
