/** How views follow the store and the clock. */

import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import type { State } from "../state";

export function useConversation(conversation: Conversation): State {
  const [, redraw] = useState(conversation.state);
  useEffect(() => conversation.watch(() => redraw(conversation.state)), [conversation]);
  return conversation.state;
}

/** The current time, each second while `running`. */
export function useSeconds(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** 102 → "1:42" */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}
