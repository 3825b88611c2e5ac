"""A real browser speaks to the realtime look-alike through its microphone, and hears the answer."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Playwright

from dev.openai import KEY, create_app
from dev.serve import serving
from dev.voice import write_question
from tests.product import launch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SESSION = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "audio": {"input": {"transcription": {"model": "gpt-transcribe"}, "noise_reduction": {"type": "near_field"}}},
    "tools": [
        {
            "type": "function",
            "name": "search_knowledge",
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
        }
    ],
}
CALL = """async ({ url, secret }) => {
  window.events = []; window.loudest = 0;
  const connection = new RTCPeerConnection();
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  connection.addTrack(microphone.getTracks()[0], microphone);
  connection.ontrack = ({ streams: [stream] }) => {
    const sound = document.querySelector("audio");
    sound.srcObject = stream;
    const context = new AudioContext(), analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      window.loudest = Math.max(loudest, ...samples.map(Math.abs));
    }, 50);
  };
  const channel = connection.createDataChannel("oai-events");
  channel.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    events.push(event);
    if (event.type !== "response.done") return;
    const asked = event.response.output.find((item) => item.type === "function_call");
    if (!asked) return;
    const output = JSON.stringify({ answer: "It costs one hundred and forty nine dollars a month." });
    const item = { type: "function_call_output", call_id: asked.call_id, output };
    channel.send(JSON.stringify({ type: "conversation.item.create", item }));
    channel.send(JSON.stringify({ type: "response.create" }));
  };
  await connection.setLocalDescription(await connection.createOffer());
  const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/sdp" };
  const body = connection.localDescription.sdp;
  const answer = await fetch(`${url}/v1/realtime/calls`, { method: "POST", headers, body });
  await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return answer.headers.get("Location");
}"""


def test_a_question_in_the_microphone_is_answered_in_the_loudspeaker(playwright: Playwright, tmp_path: Path) -> None:
    question = tmp_path / "question.wav"
    write_question("What does it cost for two hundred stores?", question, before=2)
    flags = (f"--use-file-for-fake-audio-capture={question}%noloop", "--autoplay-policy=no-user-gesture-required")

    with serving(create_app()) as url, launch(playwright.chromium, *flags) as browser:
        key = {"Authorization": f"Bearer {KEY}"}
        made = httpx.post(f"{url}/v1/realtime/client_secrets", json={"session": SESSION}, headers=key, timeout=30)
        tab = browser.new_page()
        tab.goto(f"{url}/v1")
        tab.set_content("<!doctype html><audio autoplay></audio>")
        location = tab.evaluate(CALL, {"url": url, "secret": made.json()["value"]})
        tab.wait_for_function("events.some((event) => event.type === 'output_audio_buffer.stopped')")
        loudest, events = tab.evaluate("loudest"), tab.evaluate("events")
        hung_up = httpx.post(f"{url}{location}/hangup", headers=key)

    [heard] = [event for event in events if event["type"].endswith("transcription.completed")]
    assert "cost for two hundred" in heard["transcript"].lower()
    assert loudest > 0.1
    assert hung_up.status_code == 200
