// A look-alike of the room SDK at the SDK's address: the part of daily-js that a page with one avatar needs, with its
// states, events, limits and refusals, over plain WebRTC to the Daily look-alike. The `url` given to join says where
// that is; nothing is contacted before.

const JOIN_DEADLINE_MS = 20_000;
const GATHERING_MS = 500; // the room learns from our first packets what gathering did not tell it
const OPTIONS = `audioSource videoSource startAudioOff startVideoOff subscribeToTracksAutomatically userName userData
  dailyConfig inputSettings sendSettings aboutClient url token allowMultipleCallInstances strictMode`.split(/\s+/);
const instances = new Map();

/**
 * What this stands in for is checked by the compiler (`npm run check` in widget/): a method of the SDK that is not here as
 * it is there, or a state that the SDK does not know, is an error.
 *
 * @import { DailyCall as SdkCall, DailyMeetingState, DailyParticipantsObject } from "@daily-co/daily-js"
 * @typedef {"on" | "once" | "off" | "join" | "leave" | "destroy" | "isDestroyed"} Life
 * @typedef {"meetingState" | "participants" | "localAudio" | "setLocalAudio" | "localVideo" | "setLocalVideo" | "setInputDevicesAsync" | "sendAppMessage"} Talk
 * @implements {Pick<SdkCall, Life | Talk>}
 */
class DailyCall {
  #handlers = new Map();
  /** @type {DailyMeetingState} */
  #state = "new";
  /** @type {Record<string, any>} */
  #properties = {};
  /** @type {Record<string, any>} */
  #participants = {};
  #maxMessage = 4096;
  #attempt = null; // the join under way, or the call it led to
  #destroyed = false;
  #microphone = { wanted: true, track: null };
  #camera = { wanted: false, track: null }; // nobody looks in these rooms, so its picture goes nowhere
  /** @param {any} event */
  #networkFelt = ({ detail }) => this.#emit("network-quality-change", { networkState: detail, stats: {} });

  /** @returns {SdkCall} what callers chain on; they know it as the SDK's own */
  get #chained() {
    return /** @type {any} */ (this);
  }

  constructor(options) {
    this.callClientId = crypto.randomUUID();
    this.#adopt(options);
    // The SDK measures; here a test says how the network is: dispatchEvent(new CustomEvent("daily:network", {detail: "bad"}))
    addEventListener("daily:network", this.#networkFelt);
  }

  on(name, handler) {
    this.#alive();
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
    return this.#chained;
  }

  once(name, handler) {
    const first = (event) => {
      this.off(name, first);
      handler(event);
    };
    return this.on(name, first);
  }

  off(name, handler) {
    this.#handlers.set(name, (this.#handlers.get(name) ?? []).filter((other) => other !== handler));
    return this.#chained;
  }

  meetingState = () => this.#state;
  isDestroyed = () => this.#destroyed;
  participants = () => /** @type {DailyParticipantsObject} */ ({ ...this.#participants });
  localAudio = () => this.#microphone.wanted && this.#microphone.track !== null;

  setLocalAudio(on) {
    this.#alive();
    this.#microphone.wanted = Boolean(on);
    const { track } = this.#microphone;
    if (track) track.enabled = Boolean(on);
    else if (on && this.#state === "joined-meeting") this.#useMicrophone(true);
    this.#localChanged();
    return this.#chained;
  }

  localVideo = () => this.#camera.wanted && this.#camera.track !== null;

  setLocalVideo(on) {
    this.#alive();
    this.#camera.wanted = Boolean(on);
    if (this.#camera.track) this.#camera.track.enabled = Boolean(on);
    this.#localChanged();
    return this.#chained;
  }

  /** @param {Record<string, any>} devices */
  async setInputDevicesAsync({ audioSource, videoSource } = {}) {
    this.#alive();
    if (audioSource instanceof MediaStreamTrack) await this.#useMicrophone(audioSource);
    if (videoSource !== undefined) this.#camera.track = videoSource || null;
    this.setLocalVideo(this.#camera.wanted);
    const described = (track) => (track ? { deviceId: track.getSettings().deviceId, label: track.label } : {});
    return { mic: described(this.#microphone.track), camera: described(this.#camera.track), speaker: {} };
  }

  async join(properties = {}) {
    this.#alive();
    if (["loading", "loaded", "joining-meeting", "joined-meeting"].includes(this.#state)) {
      console.warn("already joined meeting, call leave() before joining again");
      return;
    }
    this.#adopt(properties);
    const { url, startAudioOff } = this.#properties;
    if (startAudioOff) this.#microphone.wanted = false;
    if (!url) throw new Error("No room URL has been provided");
    const room = new URL(url);
    const token = this.#properties.token ?? room.searchParams.get("t") ?? undefined;
    const attempt = (this.#attempt = { over: false, failure: null, room, token, waiting: [] });
    try {
      await this.#load(attempt);
      await this.#enter(attempt);
    } catch (problem) {
      if (attempt.failure) throw attempt.failure;
      if (!attempt.over) throw this.#fail(attempt, problem);
    }
    // Left meanwhile: the SDK's promise never settles then either.
    return attempt.over ? new Promise(() => {}) : this.participants();
  }

  async leave() {
    const attempt = this.#attempt;
    if (!attempt || this.#state === "left-meeting" || this.#state === "error") return;
    this.#say(attempt, { kind: "leave" });
    this.#release(attempt);
    this.#state = "left-meeting";
    this.#emit("left-meeting");
  }

  async destroy() {
    this.#alive();
    await this.leave().catch(() => {});
    this.#emit("call-instance-destroyed");
    this.#destroyed = true;
    removeEventListener("daily:network", this.#networkFelt);
    this.#handlers.clear();
    instances.delete(this.callClientId);
  }

  sendAppMessage(data, to = "*") {
    this.#alive();
    if (this.#state !== "joined-meeting") throw new Error("sendAppMessage() only supported after join.");
    if (JSON.stringify(data).length > this.#maxMessage) {
      throw new Error(`Message data too large. Max size is ${this.#maxMessage}`);
    }
    this.#say(this.#attempt, { kind: "app-message", data, to });
    return this.#chained;
  }

  /** The vendor loads its engine here; we only ask whether the room lets us in. */
  async #load(attempt) {
    this.#state = "loading";
    this.#emit("loading");
    const answer = await this.#ask(attempt, "lookup", {}).catch((problem) => {
      if (problem.type === "connection-error") this.#emit("load-attempt-failed", { errorMsg: problem.msg });
      throw problem;
    });
    if (attempt.over) return;
    this.#maxMessage = answer.max_app_message_size;
    this.#state = "loaded";
    this.#emit("loaded");
  }

  async #enter(attempt) {
    if (attempt.over) return;
    this.#state = "joining-meeting";
    this.#emit("joining-meeting");
    const connection = (attempt.connection = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" }));
    const { audioSource = true } = this.#properties;
    attempt.audioSender = connection.addTransceiver("audio", { direction: "sendrecv" }).sender;
    connection.addTransceiver("video", { direction: "recvonly" });
    if (audioSource !== false) await this.#useMicrophone(audioSource);
    if (attempt.over) return;
    const welcome = this.#welcome(attempt);
    welcome.catch(() => {}); // whoever waits for it hears of it below
    connection.ontrack = ({ track }) => this.#receive(attempt, track);
    connection.onconnectionstatechange = () => this.#connectionChanged(attempt);
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    const offer = { sdp: connection.localDescription.sdp, user_name: this.#properties.userName };
    const answer = await this.#ask(attempt, "join", offer);
    attempt.sessionId = answer.session_id;
    if (attempt.over) return this.#goodbye(attempt);
    addEventListener("pagehide", (attempt.pageLeft = () => this.#goodbye(attempt)));
    await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    const { session_id, participants } = await within(JOIN_DEADLINE_MS, welcome);
    if (!attempt.over) this.#joined(attempt, session_id, participants);
  }

  #joined(attempt, sessionId, others) {
    const us = { session_id: sessionId, user_id: sessionId, user_name: this.#properties.userName ?? "", local: true };
    this.#participants.local = this.#described(us);
    for (const other of others) this.#participants[other.session_id] = this.#described(other);
    this.#state = "joined-meeting";
    this.#emit("joined-meeting", { participants: this.participants() });
    this.#emit("network-connection", { type: "sfu", event: "connected" });
    for (const { session_id } of others) {
      this.#emit("participant-joined", { participant: this.#participants[session_id] });
    }
    this.#localChanged();
    for (const track of attempt.waiting) this.#started(track);
  }

  /** Resolves with the room's first word, which says that we are inside. */
  #welcome(attempt) {
    const channel = (attempt.channel = attempt.connection.createDataChannel("daily"));
    return new Promise((resolve, reject) => {
      attempt.giveUp = reject;
      channel.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.kind === "welcome") resolve(message);
        else if (!attempt.over) this.#heard(attempt, message);
      };
    });
  }

  #heard(attempt, message) {
    switch (message.kind) {
      case "app-message":
        return this.#emit("app-message", { data: message.data, fromId: message.from });
      case "participant-joined": {
        const participant = this.#described(message.participant);
        this.#participants[participant.session_id] = participant;
        return this.#emit("participant-joined", { participant });
      }
      case "participant-left": {
        const participant = this.#participants[message.participant.session_id];
        delete this.#participants[message.participant.session_id];
        return participant && this.#emit("participant-left", { participant });
      }
      case "ejected":
        return void this.#fail(attempt, { type: "ejected", msg: message.msg });
    }
  }

  #receive(attempt, track) {
    if (attempt.over) return;
    if (this.#state === "joined-meeting") this.#started(track);
    else attempt.waiting.push(track);
    // As with the SDK, the same track is announced again once its first packets have come.
    track.addEventListener("unmute", () => !attempt.over && this.#state === "joined-meeting" && this.#started(track));
    track.addEventListener("ended", () => !attempt.over && this.#stopped(track));
  }

  #started(track) {
    const sender = this.#sender(track.kind);
    if (!sender) return;
    sender.tracks[track.kind] = { state: "playable", subscribed: true, track, persistentTrack: track };
    this.#emit("participant-updated", { participant: sender });
    this.#emit("track-started", { track, participant: sender, type: track.kind });
  }

  #stopped(track) {
    const sender = this.#sender(track.kind) ?? null;
    if (sender) sender.tracks[track.kind] = { state: "off", subscribed: true, off: { byUser: true } };
    this.#emit("track-stopped", { track, participant: sender, type: track.kind });
  }

  /** In these rooms only the avatar sends sound and picture. */
  #sender(kind) {
    return Object.values(this.#participants).find((participant) => participant.sends?.includes(kind));
  }

  async #useMicrophone(source) {
    const audio = typeof source === "string" ? { deviceId: { exact: source } } : true;
    try {
      const given = source instanceof MediaStreamTrack ? source : null;
      this.#microphone.track = given ?? (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()[0];
    } catch (refusal) {
      return this.#emit("camera-error", cameraError(refusal)); // so called for microphones too; the join goes on
    }
    const { track } = this.#microphone;
    track.enabled = this.#microphone.wanted;
    await this.#attempt?.audioSender?.replaceTrack(track);
    this.#localChanged();
  }

  #localChanged() {
    const { local } = this.#participants;
    if (!local) return;
    const { track, wanted } = this.#microphone;
    const heard = track && wanted ? { state: "playable", track } : { state: track ? "off" : "blocked" };
    local.tracks.audio = { subscribed: true, persistentTrack: track ?? undefined, ...heard };
    const seen = this.localVideo() ? { state: "playable", track: this.#camera.track } : { state: "off" };
    local.tracks.video = { subscribed: true, persistentTrack: this.#camera.track ?? undefined, ...seen };
    this.#emit("participant-updated", { participant: local });
  }

  #connectionChanged(attempt) {
    if (attempt.over) return;
    const state = attempt.connection.connectionState;
    const event = { connected: "connected", disconnected: "interrupted" }[state];
    if (event && this.#state === "joined-meeting") this.#emit("network-connection", { type: "sfu", event });
    if (state === "failed") {
      this.#fail(attempt, { type: "connection-error", msg: "The connection to the room was lost", on: "reconnect" });
    }
  }

  /** Ends the call with the SDK's fatal `error` event, and returns that event: it is also what join rejects with. */
  #fail(attempt, problem) {
    this.#release(attempt);
    this.#state = "error";
    const type = problem.type ?? "connection-error";
    const msg = problem.msg ?? String(problem.message ?? problem);
    const details = type === "connection-error" ? { details: { on: problem.on ?? "join" } } : {};
    const event = this.#emit("error", { errorMsg: msg, error: { type, msg, ...details } });
    this.#emit("left-meeting");
    attempt.failure = event;
    attempt.giveUp?.(event);
    return event;
  }

  #release(attempt) {
    if (attempt.over) return;
    attempt.over = true;
    this.#goodbye(attempt);
    removeEventListener("pagehide", attempt.pageLeft);
    if (!(this.#properties.audioSource instanceof MediaStreamTrack)) this.#microphone.track?.stop();
    this.#microphone.track = null;
    this.#participants = {};
    // What was just said still has to leave; closing at once would swallow it.
    setTimeout(() => attempt.connection?.close(), 100);
  }

  /** Reaches the room even when the page is being left. */
  #goodbye(attempt) {
    if (!attempt.sessionId) return;
    const body = JSON.stringify({ session_id: attempt.sessionId });
    fetch(door(attempt.room, "leave"), { method: "POST", body, keepalive: true }).catch(() => {});
  }

  #say(attempt, message) {
    if (attempt?.channel?.readyState === "open") attempt.channel.send(JSON.stringify(message));
  }

  async #ask(attempt, what, body) {
    let answer;
    try {
      const asked = { method: "POST", body: JSON.stringify({ ...body, token: attempt.token }) };
      answer = await fetch(door(attempt.room, what), asked);
    } catch (unreachable) {
      throw { type: "connection-error", msg: String(unreachable.message), on: what === "lookup" ? "load" : "join" };
    }
    const content = await answer.json();
    if (!answer.ok) throw content.error;
    return content;
  }

  #described(participant) {
    const track = () => ({ state: "loading", subscribed: true });
    return {
      session_id: participant.session_id,
      user_id: participant.user_id,
      user_name: participant.user_name,
      local: participant.local ?? false,
      owner: participant.owner ?? false,
      joined_at: new Date(),
      sends: participant.tracks ?? [],
      tracks: { audio: track(), video: participant.local ? { state: "off", subscribed: true } : track() },
    };
  }

  #adopt(options) {
    for (const [name, value] of Object.entries(options ?? {})) {
      if (OPTIONS.includes(name)) this.#properties[name] = value;
      else console.warn(`unrecognized property '${name}'`);
    }
  }

  #alive() {
    if (this.#destroyed) throw new Error("Use after destroy");
  }

  #emit(action, payload = {}) {
    const event = { action, callClientId: this.callClientId, ...payload };
    for (const handler of this.#handlers.get(action) ?? []) {
      try {
        handler(event);
      } catch (bug) {
        console.error(bug); // the SDK swallows them too
      }
    }
    return event;
  }
}

function door(room, what) {
  return `${room.origin}${room.pathname.replace(/\/$/, "")}/${what}`;
}

/** @returns {Promise<void>} */
function gathered(connection) {
  return new Promise((resolve) => {
    const done = () => connection.iceGatheringState === "complete" && resolve();
    connection.addEventListener("icegatheringstatechange", done);
    setTimeout(resolve, GATHERING_MS);
    done();
  });
}

function within(milliseconds, promise) {
  const late = { type: "connection-error", msg: "The room did not answer in time", on: "rtc-connection" };
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(late), milliseconds))]);
}

function cameraError(refusal) {
  const msg = String(refusal.message || refusal.name);
  const kinds = {
    NotAllowedError: { type: "permissions", blockedBy: "user", blockedMedia: ["audio"] },
    NotFoundError: { type: "not-found", missingMedia: ["audio"] },
    OverconstrainedError: { type: "constraints", reason: "invalid", failedMedia: ["audio"] },
    NotReadableError: { type: "mic-in-use" },
  };
  return { errorMsg: { errorMsg: msg, audioOk: false }, error: { msg, ...(kinds[refusal.name] ?? { type: "unknown" }) } };
}

function supportedBrowser() {
  const agent = navigator.userAgent;
  const [name, version] = /(Firefox|Edg|Chrome|Version)\/([\d.]+)/.exec(agent)?.slice(1) ?? ["", ""];
  const supported = Boolean(navigator.mediaDevices?.getUserMedia && globalThis.RTCPeerConnection && name);
  return { supported, mobile: /Mobi/.test(agent), name: name.replace("Version", "Safari"), version };
}

/** @satisfies {Record<keyof Pick<typeof import("@daily-co/daily-js").default, "version" | "supportedBrowser" | "getCallInstance" | "createCallObject">, unknown>} */
const Daily = {
  version: () => "local stand-in",
  supportedBrowser,

  getCallInstance: (id) => (id ? instances.get(id) : instances.values().next().value),

  createCallObject(options = {}) {
    if (!supportedBrowser().supported) throw new Error("WebRTC not supported or suppressed");
    if (instances.size && !options.allowMultipleCallInstances) {
      throw new Error("Duplicate DailyIframe instances are not allowed");
    }
    const call = new DailyCall(options);
    instances.set(call.callClientId, call);
    return call;
  },
};

export default Daily;
