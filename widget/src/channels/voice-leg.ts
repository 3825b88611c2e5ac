/** One peer connection to the voice vendor: sound both ways and a channel of events. */

import type { VoiceEvent } from "./voice-events";

export interface LegListener {
  event(event: VoiceEvent): void;
  sound(track: MediaStreamTrack): void;
  connection(state: RTCPeerConnectionState): void;
  /** The event channel was closed by the other side. */
  closed(): void;
}

export interface Leg {
  offer: string;
  accept(sdpAnswer: string): Promise<void>;
  /** Resolves when the vendor has told its session. */
  ready(signal: AbortSignal): Promise<void>;
  /** Messages wait until the channel is open. */
  send(message: object): void;
  /** Sends another microphone's sound from now on. */
  use(microphone: MediaStreamTrack): Promise<void>;
  close(): void;
}

/** The vendor's answer lists candidates that we reach by ourselves: a browser that never ends gathering may begin. */
const GATHERING_MS = 1_500;

export async function openLeg(microphone: MediaStreamTrack, listener: LegListener): Promise<Leg> {
  const peer = new RTCPeerConnection();
  // The vendor expects the channel in the offer, and our ears before its first word.
  const channel = peer.createDataChannel("oai-events");
  const queue: string[] = [];
  let left = false;
  let told: () => void;
  let sender: RTCRtpSender;
  const configured = new Promise<void>((resolve) => (told = resolve));

  channel.onopen = () => {
    for (const message of queue.splice(0)) channel.send(message);
  };
  channel.onmessage = ({ data }) => {
    const event = readEvent(data);
    if (!event || left) return;
    if (event.type === "session.created" || event.type === "session.updated") told();
    listener.event(event);
  };
  channel.onclose = () => {
    if (!left) listener.closed();
  };
  peer.ontrack = ({ track }) => {
    if (!left) listener.sound(track);
  };
  peer.onconnectionstatechange = () => {
    if (!left) listener.connection(peer.connectionState);
  };
  const close = () => {
    left = true;
    channel.close();
    peer.close();
  };

  try {
    microphone.enabled = false;
    sender = peer.addTrack(microphone, new MediaStream([microphone]));
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
  } catch (failure) {
    close();
    throw failure;
  }
  return {
    offer: peer.localDescription?.sdp ?? "",
    accept: (sdp) => peer.setRemoteDescription({ type: "answer", sdp }),
    ready: (signal) => until(configured, signal),
    send: (message) => {
      const text = JSON.stringify(message);
      if (channel.readyState === "open") channel.send(text);
      else queue.push(text);
    },
    use: (other) => sender.replaceTrack(other),
    close,
  };
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_MS);
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
  });
}

function until(event: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    event.then(resolve, reject);
  });
}

function readEvent(data: unknown): VoiceEvent | null {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === "object" ? event : null;
  } catch {
    return null;
  }
}
