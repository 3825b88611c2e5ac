/** Stands in the room SDK's place in tests and keeps the SDK's rules: one call at a time, no message before join. */

type Handler = (event: object) => void;

let living: TestCall | undefined;

class TestCall {
  handlers = new Map<string, Handler[]>();
  sent: object[] = [];
  joinedWith: object | null = null;
  microphone = true;
  joined = false;
  destroyed = false;
  constructor(readonly options: object) {}
  on(name: string, handler: Handler) {
    this.handlers.set(name, [...(this.handlers.get(name) ?? []), handler]);
    return this;
  }
  emit(name: string, event: object) {
    for (const handler of this.handlers.get(name) ?? []) handler(event);
  }
  participants() {
    return { local: { local: true, session_id: "me" }, face: { local: false, session_id: "face" } };
  }
  async join(options: object) {
    this.joinedWith = options;
    if (room.unloaded) this.emit("load-attempt-failed", { errorMsg: room.unloaded });
    try {
      await room.door;
    } catch (failure) {
      this.emit("error", failure as object);
      this.emit("left-meeting", {});
      throw failure;
    }
    this.joined = true;
    return {};
  }
  sendAppMessage(message: object) {
    if (!this.joined) throw new Error("sendAppMessage() only supported after join.");
    if (JSON.stringify(message).length > 4096) throw new Error("Message data too large. Max size is 4096");
    this.sent.push(message);
  }
  setLocalAudio(on: boolean) {
    this.microphone = on;
  }
  async destroy() {
    if (this.destroyed) throw new Error("Use after destroy");
    this.destroyed = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.joined = false;
    living = undefined;
  }
}

/** What a test may see and turn. */
const room = {
  calls: [] as TestCall[],
  /** join() waits for this. */
  door: Promise.resolve() as Promise<unknown>,
  /** Why the engine does not load. */
  unloaded: null as string | null,
};
(globalThis as unknown as { testRoom: typeof room }).testRoom = room;
export type TestRoom = typeof room;

export default {
  supportedBrowser: () => ({ supported: true }),
  getCallInstance: () => living,
  createCallObject(options: object) {
    if (living) throw new Error("Duplicate DailyIframe instances are not allowed");
    living = new TestCall(options);
    room.calls.push(living);
    return living;
  },
};
