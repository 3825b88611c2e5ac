/** What the stages of all live calls share: playing tracks, the time that is left, trouble in words. */

import { useContext, useEffect } from "preact/hooks";
import type { Language } from "../languages/en";
import { fill, spokenSeconds } from "../locale";
import type { Call, State } from "../state";
import { Icon } from "./Icon";
import { LocaleContext, useClock, useWords } from "./locale";
import { useSeconds } from "./state";

const WARNING_S = 30;
const CAPTION_LENGTH = 96;

export function TimeLeft({ call }: { call: Call }) {
  const words = useWords();
  const locale = useContext(LocaleContext);
  const clock = useClock();
  const now = useSeconds(call.endsAt !== null);
  if (call.endsAt === null) return null;
  const left = Math.max(0, Math.ceil((call.endsAt - now) / 1000));
  const ending = left <= WARNING_S;
  return (
    <>
      <span class={ending ? "pill right ending" : "pill right"}>{fill(words.timeLeft, { time: clock(left) })}</span>
      {/* Said once, not at each second. */}
      <span class="unseen" role="status">
        {ending && fill(words.endsSoon, { time: spokenSeconds(WARNING_S, locale) })}
      </span>
    </>
  );
}

/** A browser may refuse to begin sound without another press. */
export function SoundBlocked({ call, onTap }: { call: Call; onTap(): void }) {
  const words = useWords();
  return call.soundBlocked ? (
    <button type="button" class="button primary small" onClick={onTap}>
      <Icon name="sound" />
      {words.tapToHear}
    </button>
  ) : null;
}

export function troubleOf(call: Call, relay: State["relay"], words: Language): string | null {
  if (call.phase !== "live") return null;
  if (relay === "closed") return words.relayLost;
  if (relay === "reconnecting") return words.relayBack;
  return call.listenOnly ?? call.note ?? (call.weak ? words.weakNetwork : null);
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

/** Plays through the loudspeaker that the visitor chose, where the browser can. */
export function useLoudspeaker(element: { current: HTMLAudioElement | null }, device: string): void {
  useEffect(() => {
    element.current?.setSinkId?.(device).catch(() => undefined); // it was unplugged: the browser's default goes on
  }, [device]);
}

export function play(media: HTMLMediaElement | null, blocked: (blocked: boolean) => void): void {
  media?.play().then(
    () => blocked(false),
    (refusal: Error) => {
      if (refusal.name === "NotAllowedError") blocked(true);
    },
  );
}
