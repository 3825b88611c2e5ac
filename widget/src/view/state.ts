/** How views follow the store and the clock. */

import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import type { State } from "../state";

export function useConversation(conversation: Conversation): State {
  const [, redraw] = useState(conversation.state);
  useEffect(() => {
    redraw(conversation.state); // what has changed between the first drawing and now
    return conversation.watch(() => redraw(conversation.state));
  }, [conversation]);
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

const PHONE = "(max-width: 479px)";

/** Whether the panel is a sheet over the whole screen; the same width as in `style/adapt.css`. */
export function useSheet(): boolean {
  const [is, setIs] = useState(() => matchMedia(PHONE).matches);
  useEffect(() => {
    const width = matchMedia(PHONE);
    const look = () => setIs(width.matches);
    width.addEventListener("change", look);
    return () => width.removeEventListener("change", look);
  }, []);
  return is;
}
