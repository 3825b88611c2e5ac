/** The avatar's picture and voice, with what must be said on it: state, time, captions, trouble. */

import { useEffect, useRef } from "preact/hooks";
import type { CallControl } from "../call";
import type { Call, State } from "../state";
import { Icon } from "./Icon";
import { clock, useSeconds } from "./state";

interface Props {
  call: Call;
  verbs: CallControl;
  name: string;
  relay: State["relay"];
}

const WARNING_S = 30;
const CAPTION_LENGTH = 96;

export function VideoStage({ call, verbs, name, relay }: Props) {
  const picture = useRef<HTMLVideoElement>(null);
  const voice = useRef<HTMLAudioElement>(null);
  useTrack(picture, call.video);
  useTrack(voice, call.audio, (blocked) => verbs.soundBlocked(blocked));
  const now = useSeconds(call.endsAt !== null);
  const left = call.endsAt === null ? null : Math.max(0, Math.ceil((call.endsAt - now) / 1000));
  const ending = left !== null && left <= WARNING_S;
  const trouble = troubleOf(call, relay);

  return (
    <div class="stage" data-picture={call.picture}>
      {/* Picture and voice apart: a muted video never falls under the autoplay block. */}
      <video ref={picture} muted playsInline autoPlay aria-label={`${name}, video`} onPlaying={() => verbs.pictureSeen()} />
      <audio ref={voice} autoPlay />
      {!call.picture && (
        <div class="waiting">
          <i class="silhouette" />
          <p role="status">{waitingFor(call)}</p>
        </div>
      )}
      {call.phase === "live" && call.picture && (
        <span class="pill">
          <i class={call.interrupted ? "dot wait" : "dot good"} />
          {call.working ? "Looking it up" : call.interrupted ? "Reconnecting" : "Live"}
        </span>
      )}
      {left !== null && (
        <span class={ending ? "pill right ending" : "pill right"} role={ending ? "status" : undefined}>
          {clock(left)} left
        </span>
      )}
      <div class="overlay">
        {call.soundBlocked && (
          <button type="button" class="button primary small" onClick={() => play(voice.current, (blocked) => verbs.soundBlocked(blocked))}>
            <Icon name="sound" />
            Tap to hear
          </button>
        )}
        {trouble && (
          <p class="trouble" role="status">
            {trouble}
          </p>
        )}
        {call.captions && call.caption && (
          <p class="captions" dir="auto">
            <span>{lastWords(call.caption)}</span>
          </p>
        )}
      </div>
    </div>
  );
}

function waitingFor({ phase }: Call): string {
  switch (phase) {
    case "permission":
      return "Waiting for your microphone…";
    case "creating":
      return "Preparing the call…";
    case "joining":
      return "Joining the room…";
    default:
      return "Waiting for the picture…";
  }
}

function troubleOf(call: Call, relay: State["relay"]): string | null {
  if (call.phase !== "live") return null;
  if (relay === "closed") return "WebSocket connection error. You can go on talking, or continue in text.";
  if (relay === "reconnecting") return "WebSocket connection error. Reconnecting…";
  return call.listenOnly;
}

/** The vendor sends the whole turn each time; a caption is its end, cut at a word. */
function lastWords(text: string): string {
  if (text.length <= CAPTION_LENGTH) return text;
  return text.slice(-CAPTION_LENGTH).replace(/^\S*\s/, "");
}

/** Attaches a track only when it is another one: setting it again restarts the picture. */
function useTrack(
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

function play(media: HTMLMediaElement | null, blocked: (blocked: boolean) => void): void {
  media?.play().then(
    () => blocked(false),
    (refusal: Error) => {
      if (refusal.name === "NotAllowedError") blocked(true);
    },
  );
}
