/** What a reload may find again: the token of the conversation and how far its relay was. No word of what was said. */

export interface KeptSession {
  sessionId: string;
  token: string;
  seq: number;
}

/** `sessionStorage`, because a conversation belongs to its tab; absent where the page forbids storage. */
export class Kept {
  readonly #key: string;

  constructor(slug: string) {
    this.#key = `ai-sdr:${slug}`;
  }

  read(): KeptSession | null {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "null") as Partial<KeptSession> | null;
      if (typeof kept?.sessionId !== "string" || typeof kept.token !== "string") return null;
      return { sessionId: kept.sessionId, token: kept.token, seq: Number(kept.seq) || 0 };
    } catch {
      return null; // no storage here, or something else under our name
    }
  }

  write({ sessionId, token, seq }: KeptSession): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify({ sessionId, token, seq }));
    } catch {
      // No storage here: a reload begins anew.
    }
  }

  clear(): void {
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // No storage here.
    }
  }
}
