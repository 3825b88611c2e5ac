/** A conversation that is open on the server: its session and channels, and who is given which frame. */

import { type Reach, safeCard } from "./address";
import { type Api, ApiError } from "./api";
import type { CallControl } from "./call";
import { TextChannel } from "./channels/text";
import { Confirmations, type Confirmed, confirmedBy } from "./confirmations";
import type { Answer, Card, ConsentGiven, PublicProfile, ServerFrame } from "./contract";
import type { Kept } from "./kept";
import type { RelayState } from "./relay";
import { Session } from "./session";
import { writtenMode } from "./state";
import type { Store } from "./store";

export interface ConnectionListener {
  call(): CallControl | null;
  show(card: Card): void;
  confirmed(confirmed: Confirmed): void;
  /** The answer to a question that nobody here waits for: of an earlier page, or one that was stopped. */
  late(answer: Answer): void;
}

export class Connection {
  readonly session: Session;
  readonly text: TextChannel;
  readonly confirmations: Confirmations;

  constructor(
    api: Api,
    profile: PublicProfile,
    consent: () => ConsentGiven | null,
    kept: Kept,
    private readonly store: Store,
    private readonly reach: Reach,
    private readonly listener: ConnectionListener,
  ) {
    this.session = new Session(api, profile.companyId, writtenMode(profile), consent, kept, {
      frame: (frame) => this.#receive(frame),
      state: (relay) => this.#relayBecame(relay),
      busy: () => this.text.busy,
      untold: (failure) => store.report(failure),
    });
    this.text = new TextChannel(this.session);
    this.confirmations = new Confirmations(this.session);
  }

  #receive(frame: ServerFrame): void {
    if (this.text.receive(frame) || this.confirmations.receive(frame)) return;
    const { listener } = this;
    switch (frame.type) {
      case "send":
        listener.call()?.pass(frame.message);
        break;
      case "show":
        listener.show(safeCard(frame.card, this.reach));
        break;
      case "confirmed":
        listener.confirmed(confirmedBy(frame));
        break;
      case "end":
        listener.call()?.endedByServer(frame);
        break;
      case "done":
        listener.late(frame.answer);
        break;
      case "error":
        // What was typed into a call has no place of its own where its failure would show.
        this.store[frame.id && listener.call()?.live ? "tell" : "report"](new ApiError(frame.error.code, frame.error.message));
        break;
      default: // late words
    }
  }

  #relayBecame(relay: RelayState): void {
    this.store.set({ relay });
    this.text.relayBecame(relay);
    if (relay === "closed" && this.listener.call()?.live) this.store.report(new ApiError("websocket", "WebSocket connection error"));
  }
}
