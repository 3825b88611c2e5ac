/** Stands at the browser's WebRTC border: a peer connection and its event channel, played by the test's hand. */

class TestChannel {
  readyState = "connecting";
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly label: string) {}
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = "closed";
  }
  /** The vendor says these. */
  say(...events: object[]) {
    for (const event of events) this.onmessage?.({ data: JSON.stringify(event) });
  }
}

export class TestPeer {
  channel: TestChannel | null = null;
  tracks: unknown[] = [];
  iceGatheringState = "complete";
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  remote: { type: string; sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;
  ontrack: ((event: { track: unknown }) => void) | null = null;
  constructor() {
    border.peers.push(this);
  }
  createDataChannel(label: string) {
    this.channel = new TestChannel(label);
    return this.channel;
  }
  addTrack(track: unknown) {
    this.tracks.push(track);
    return {
      replaceTrack: async () => {
        border.replacing = true;
        await border.replaced;
      },
    };
  }
  async createOffer() {
    return { type: "offer", sdp: `v=0 offer ${border.peers.length} ${this.channel?.label ?? "no channel"}` };
  }
  async setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
  }
  async setRemoteDescription(description: { type: string; sdp: string }) {
    if (!description.sdp.startsWith("v=0")) throw new DOMException("Failed to parse SessionDescription", "OperationError");
    this.remote = description;
    border.answered(this);
  }
  become(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  /** The connection stands and the vendor tells its session. */
  open() {
    this.become("connected");
    if (!this.channel) return;
    this.channel.readyState = "open";
    this.channel.onopen?.();
    this.channel.say({ type: "session.created", session: { instructions: "secret" } });
    this.ontrack?.({ track: { kind: "audio" } });
  }
  close() {
    this.connectionState = "closed";
  }
}

/** What a test may see and turn. */
export const border = {
  peers: [] as TestPeer[],
  /** What the vendor does once our side has its answer. */
  answered: (peer: TestPeer): void => peer.open(),
  /** What another microphone waits for, and whether one does. */
  replaced: Promise.resolve() as Promise<unknown>,
  replacing: false,
};

export function putPeers(): void {
  Object.assign(border, { peers: [], replaced: Promise.resolve(), replacing: false });
  border.answered = (peer) => peer.open();
  Object.assign(globalThis, {
    RTCPeerConnection: TestPeer,
    MediaStream: class {
      constructor(readonly tracks: unknown[]) {}
    },
  });
}

/** A microphone that is granted or refused; answers the track that was last given. */
export function letMicrophone(refusal?: string): TestMicrophone {
  const microphone = new TestMicrophone();
  Object.defineProperty(navigator, "mediaDevices", {
    configurable: true,
    value: {
      getUserMedia: async () => {
        if (refusal) throw new DOMException("refused", refusal);
        return { getAudioTracks: () => [microphone] };
      },
    },
  });
  return microphone;
}

export class TestMicrophone extends EventTarget {
  kind = "audio";
  enabled = true;
  readyState = "live";
  stop() {
    this.readyState = "ended";
  }
}
