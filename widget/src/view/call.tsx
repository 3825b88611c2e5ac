/** What the stages of all live calls share: playing tracks, the time that is left, trouble in words. */

import { useEffect } from "preact/hooks";
import type { Call, State } from "../state";
import { Icon } from "./Icon";
import { clock, useSeconds } from "./state";

const WARNING_S = 30;
const CAPTION_LENGTH = 96;

export function TimeLeft({ call }: { call: Call }) {
  const now = useSeconds(call.endsAt !== null);
  if (call.endsAt === null) return null;
  const left = Math.max(0, Math.ceil((call.endsAt - now) / 1000));
  const ending = left <= WARNING_S;
  return (
    <span class={ending ? "pill right ending" : "pill right"} role={ending ? "status" : undefined}>
      {clock(left)} left
    </span>
  );
}

/** A browser may refuse to begin sound without another press. */
export function SoundBlocked({ call, onTap }: { call: Call; onTap(): void }) {
  return call.soundBlocked ? (
    <button type="button" class="button primary small" onClick={onTap}>
      <Icon name="sound" />
      Tap to hear
    </button>
  ) : null;
}

export function troubleOf(call: Call, relay: State["relay"]): string | null {
  if (call.phase !== "live") return null;
  if (relay === "closed") return "WebSocket connection error. You can go on talking, or continue in text.";
  if (relay === "reconnecting") return "WebSocket connection error. Reconnecting…";
  return call.listenOnly;
}

/** The vendor sends the whole turn each time; a caption is its end, cut at a word. */
export function lastWords(text: string): string {
  if (text.length <= CAPTION_LENGTH) return text;
  return text.slice(-CAPTION_LENGTH).replace(/^\S*\s/, "");
}

/** Attaches a track only when it is another one: setting it again restarts the picture. */
export function useTrack(
  element: { current: HTMLMediaElement | null },
  track: MediaStreamTrack | null,
  blocked: (blocked: boolean) => void = () => undefined,
): void {
  useEffect(() => {
    const media = element.current;
    if (!media || !track) return undefined;
    media.srcObject = new MediaStream([track]);
    play(media, blocked);
    const resume = () => {
      // iOS pauses when another app plays sound.
      if (document.visibilityState === "visible" && media.paused) play(media, blocked);
    };
    document.addEventListener("visibilitychange", resume);
    return () => {
      document.removeEventListener("visibilitychange", resume);
      media.pause();
      media.srcObject = null; // iOS keeps a broken audio session otherwise
    };
  }, [track]);
}

export function play(media: HTMLMediaElement | null, blocked: (blocked: boolean) => void): void {
  media?.play().then(
    () => blocked(false),
    (refusal: Error) => {
      if (refusal.name === "NotAllowedError") blocked(true);
    },
  );
}
