/** How a conversation changes its mode: by the visitor's choice, at the end of a call, or down when a mode fails. */

import type { CallControl } from "./call";
import type { Line } from "./channels/live";
import type { Mode } from "./contract";
import { newId } from "./identity";
import { announcement, below } from "./ladder";
import * as log from "./log";
import type { Session } from "./session";
import { isLive, type LiveMode, offeredModes, writtenMode } from "./state";
import type { Store } from "./store";
import { codeOf, sentence } from "./words";

export class Modes {
  #call: CallControl | null = null;
  /** A call whose code is on its way. */
  #coming: Promise<void> | null = null;
  /** The version of the consent that the visitor gave in this conversation. */
  #consented: string | null = null;

  constructor(
    private readonly store: Store,
    private readonly session: () => Session,
    /** Runs in the visitor's click, before anything else of the new mode. */
    private readonly entering: (mode: Mode) => void,
    /** The text that the visitor agreed to is not valid any more; resolves when the new one is known. */
    private readonly outdated: () => Promise<void>,
  ) {}

  get call(): CallControl | null {
    return this.#call;
  }

  choose(mode: Mode): void {
    const { state } = this.store;
    if (mode !== state.mode && offeredModes(state.profile).includes(mode)) this.enter(mode);
  }

  enter(mode: Mode): void {
    const { store } = this;
    this.entering(mode);
    const before = this.#call;
    this.#call = null;
    store.set({ mode });
    before?.end(); // comes back as #ended
    store.emit("mode-changed", { mode });
    this.#coming = isLive(mode) ? this.#bring(mode) : null;
  }

  /** The visitor has agreed to the company's consent and pressed start. One version is asked for once. */
  async agree(): Promise<void> {
    this.#consented = this.store.state.profile?.consent.version ?? null;
    await this.#coming;
    await this.#call?.start();
  }

  forgetConsent(): void {
    this.#consented = null;
  }

  /** Leaves a call; the other modes hold nothing that must be freed. */
  leave(): void {
    if (!isLive(this.store.state.mode)) return;
    this.enter(writtenMode(this.store.state.profile) ?? "text");
  }

  /** Typed words take part in the call. */
  say(text: string): void {
    const id = `typed:${newId()}`;
    this.#call?.typed(text, id);
    this.store.add({ kind: "visitor", id, text });
    this.store.emit("message", { role: "visitor", text });
  }

  stepDown(mode: Mode, failure: unknown, heard = false): void {
    const { store } = this;
    const { profile, offline } = store.state;
    const next = below(mode, failure, { profile, offline, heard });
    const text = announcement(failure, next, store.words);
    const { again, next: hint } = store.wordsFor(failure);
    store.add({ kind: "notice", id: newId(), text, onward: next, ...(again && isLive(mode) && { again: mode, hint }) });
    store.report(failure);
    this.enter(next);
    store.announce(text);
  }

  /** Puts the call before the visitor; one who has agreed to this version already is in it. */
  async #bring(mode: LiveMode): Promise<void> {
    const { store } = this;
    const agreed = this.#consented;
    const { CallControl } = await import("./call");
    if (store.state.mode !== mode || this.#call) return; // the visitor has chosen another one
    this.#call = new CallControl(mode, this.session(), store, (call) => store.set({ call }), {
      ended: (seconds, why) => this.#ended(mode, seconds, why),
      failed: (failure) => store.report(failure),
      line: (line) => this.#spoken(line),
      tool: (name) => store.emit("tool-called", { name }),
    });
    if (agreed !== null && agreed === store.state.profile?.consent.version) void this.#call.start();
  }

  /** The visitor reads the new text where the old one stood. */
  async #askAnew(mode: LiveMode, failure: unknown): Promise<void> {
    try {
      await this.outdated();
    } catch (unreachable) {
      this.stepDown(mode, unreachable);
      return;
    }
    this.store.report(failure);
    if (this.store.state.mode === mode) this.enter(mode);
    this.store.announce(sentence(this.store.wordsFor(failure)));
  }

  #ended(mode: LiveMode, seconds: number | null, why: { failure: unknown } | null): void {
    const { store } = this;
    const heard = this.#call?.heard ?? false;
    if (seconds !== null) store.add({ kind: "call", id: newId(), mode, seconds });
    if (store.state.mode !== mode) return; // the visitor has chosen another one
    this.#call = null;
    if (why && codeOf(why.failure) === "consent_outdated") {
      void this.#askAnew(mode, why.failure);
      return;
    }
    if (why) {
      this.stepDown(mode, why.failure, heard);
      return;
    }
    this.leave();
    if (seconds !== null) store.announce(mode === "video" ? store.words.videoEnded : store.words.voiceEnded);
  }

  #spoken(line: Line): void {
    this.store.set({ items: log.spoken(this.store.state.items, line) });
    const { key, role, text, final } = line;
    if (final && text && !key.startsWith("typed:")) this.store.emit("message", { role, text });
  }
}
