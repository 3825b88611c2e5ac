/** A loopback server that plays the contract: HTTP doors and the relay, with every request written down. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Answer, PublicProfile, ServerFrame, ClientFrame, SpokenTurn } from "../src/contract";

// Node holds no calls. The widget offers them where a browser has this name; what makes a call brings its own.
Object.assign(globalThis, { RTCPeerConnection: class {} });

export interface Seen {
  request: string;
  body: Record<string, unknown>;
  headers: Record<string, string | string[] | undefined>;
}

interface Refusal {
  status: number;
  code: string;
  message: string;
  /** After so many the door opens; without it, never. */
  times?: number;
}

export const ANSWER: Answer = {
  text: "From **$49** a month [1].",
  citations: [
    { number: 1, title: "Pricing", label: "p. 2", url: "/media/p.pdf", modality: "text", snippet: "", chunkId: "c" },
  ],
  shown: [],
  actions: [],
  grounded: true,
};

export class ContractServer {
  seen: Seen[] = [];
  frames: ClientFrame[] = [];
  /** Of each frame, kept apart: no two are alike. */
  traces: unknown[] = [];
  profile: PublicProfile = PROFILE;
  relayOpens = true;
  /** What the next requests to this door answer instead of success. */
  refusals = new Map<string, Refusal | "cut" | "cut in the answer">();
  /** What these doors wait for before they answer. */
  waits = new Map<string, Promise<void>>();
  onAsk: (id: string, text: string) => void = (id) => this.say({ type: "done", id, answer: ANSWER });
  onConfirm: (id: string, accept: boolean) => void = () => undefined;
  /** What was said before the page was loaded again. */
  turns: SpokenTurn[] = [];
  /** What became of the confirmations among them. */
  settled: Record<string, "confirmed" | "declined" | "expired"> = {};
  /** The answers of the tool doors, in order. */
  outcomes: object[] = [];
  received = 0;
  /** Of the call that is granted. */
  secondsLeft = 600;
  #seq = 1_000;
  #server = createServer((request, response) => void this.#answer(request, response));
  #sockets = new Set<Duplex>();

  async start(): Promise<string> {
    this.#server.on("upgrade", (request, socket) => this.#upgrade(request, socket));
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.cutRelay();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Durable frames are numbered as they are sent, unless the test gives a number. */
  say(frame: Unnumbered<ServerFrame>): void {
    const durable = ["show", "done", "send", "end", "confirmed"].includes(frame.type);
    const numbered = durable ? { seq: (this.#seq += 1), ...frame } : frame;
    for (const socket of this.#sockets) socket.write(encode(JSON.stringify(numbered)));
  }

  cutRelay(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  requests(): string[] {
    return this.seen.map(({ request }) => request);
  }

  last(request: string): Seen {
    const found = this.seen.findLast((each) => each.request === request);
    if (!found) throw new Error(`${request} was not asked; asked were ${this.requests().join(", ")}`);
    return found;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += String(piece);
    const name = `${request.method} ${request.url}`;
    const asked = (text ? JSON.parse(text) : {}) as Seen["body"];
    this.seen.push({ request: name, body: asked, headers: request.headers });
    await this.waits.get(name);
    const refusal = this.refusals.get(name) ?? this.#unoffered(name, asked.mode);
    if (refusal === "cut") {
      request.socket.destroy();
      return;
    }
    if (refusal === "cut in the answer") {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("{", () => request.socket.destroy());
      return;
    }
    if (refusal) {
      const { status, code, message } = refusal;
      if (refusal.times !== undefined && (refusal.times -= 1) === 0) this.refusals.delete(name);
      response.writeHead(status).end(JSON.stringify({ error: { code, message, requestId: "r" } }));
      return;
    }
    if (name === "POST /api/speech") {
      response.writeHead(200, { "Content-Type": "audio/mpeg" }).end("sound");
      return;
    }
    const body = this.#body(name, asked);
    response.writeHead(body ? 200 : 204).end(body ? JSON.stringify(body) : undefined);
  }

  /** Our server opens no conversation in a mode that the company does not offer. */
  #unoffered(name: string, wanted: unknown): Refusal | undefined {
    if (name !== "POST /api/session" || this.profile.modes.some((mode) => mode === wanted)) return undefined;
    return { status: 403, code: "mode_not_enabled", message: "The mode is not enabled for this company" };
  }

  #body(name: string, asked: Seen["body"]): object | null {
    const grant = {
      sessionId: "s-1",
      token: `token-${this.seen.length}`,
      ticket: `ticket-${this.seen.length}`,
      websocketUrl: `${this.url.replace("http", "ws")}/ws`,
      expiresAt: Math.floor(Date.now() / 1000) + 900,
    };
    switch (name) {
      case "GET /api/widget/acme":
        return this.profile;
      case "POST /api/session":
        return {
          ...grant,
          mode: "text",
          modes: ["text", "video"],
          video: null,
          voice: asked.mode === "voice" ? { callId: "rtc-1", sdpAnswer: "v=0 answer", maxSeconds: 600, secondsLeft: this.secondsLeft } : null,
        };
      case "GET /api/session/s-1":
        return { turns: this.turns, mode: null, confirmations: this.settled };
      case "POST /api/tavus/tool":
      case "POST /api/tool/confirmation":
        return this.outcomes.shift() ?? { success: true, result: {}, cards: [] };
      case "POST /api/tavus/session":
        return {
          ...grant,
          replicaId: "r-1",
          conversationUrl: "https://tavus.daily.example/c-1",
          conversationId: "c-1",
          meetingToken: "meeting",
          maxSeconds: 600,
          secondsLeft: this.secondsLeft,
        };
      case "POST /api/session/s-1/renew?call=none":
      case "POST /api/session/s-1/renew":
        return grant;
      case "POST /api/answer":
        return ANSWER;
      default:
        return null;
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex): void {
    this.seen.push({ request: "WS", body: {}, headers: request.headers });
    if (!this.relayOpens) {
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      return;
    }
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: aisdr\r\n\r\n`,
    );
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => this.#sockets.delete(socket));
    let rest = Buffer.alloc(0);
    socket.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let frame = decode(rest); frame; frame = decode(rest)) {
        rest = rest.subarray(frame.length);
        if (frame.opcode === 8) socket.end();
        else this.#receive(JSON.parse(frame.text) as ClientFrame);
      }
    });
  }

  #receive({ traceparent, ...request }: ClientFrame): void {
    this.frames.push(request);
    this.traces.push(traceparent);
    if (request.action === "hello" || request.action === "resume") {
      this.say({ type: "ready", received: this.received, seq: this.#seq });
    }
    if (request.action === "confirm") this.onConfirm(request.id, request.accept);
    if (request.action === "ask") this.onAsk(request.id, request.text);
  }
}

export const PROFILE: PublicProfile = {
  companyId: "acme",
  slug: "acme",
  displayName: "Acme",
  shortDescription: "",
  websiteUrl: "https://acme.example",
  modes: ["text", "tts", "voice", "video"],
  branding: { accent: "#3b5bfd", radius: 20, font: null, logoUrl: null, position: "right", theme: "auto" },
  greeting: "Hello!",
  starters: [],
  languages: ["en"],
  disclosure: "You are talking with an AI.",
  consent: { version: "2026-11", text: "Agreed?", privacyUrl: null },
  linkHosts: ["acme.example"],
  linkPages: [],
  mediaHosts: [],
  sample: false,
};

/** A frame whose number the server gives. */
type Unnumbered<F> = F extends { seq: number; type: "show" | "done" | "send" | "end" | "confirmed" }
  ? Omit<F, "seq"> & { seq?: number }
  : F;

/** RFC 6455, text frames only. */
function encode(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, body.length >> 8, body.length & 255]);
  return Buffer.concat([head, body]);
}

function decode(data: Buffer): { opcode: number; text: string; length: number } | null {
  if (data.length < 6) return null;
  const short = (data[1] ?? 0) & 127;
  const at = short === 126 ? 4 : 2;
  const size = short === 126 ? data.readUInt16BE(2) : short;
  if (data.length < at + 4 + size) return null;
  const mask = data.subarray(at, at + 4);
  const body = data.subarray(at + 4, at + 4 + size).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return { opcode: (data[0] ?? 0) & 15, text: Buffer.from(body).toString(), length: at + 4 + size };
}
