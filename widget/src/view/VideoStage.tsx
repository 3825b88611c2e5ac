/** The avatar's picture and voice, with what must be said on it: state, time, captions, trouble. */

import { useRef } from "preact/hooks";
import type { CallControl } from "../call";
import type { Call, State } from "../state";
import { lastWords, play, SoundBlocked, TimeLeft, troubleOf, useTrack } from "./call";

interface Props {
  call: Call;
  verbs: CallControl;
  name: string;
  relay: State["relay"];
}

export function VideoStage({ call, verbs, name, relay }: Props) {
  const picture = useRef<HTMLVideoElement>(null);
  const voice = useRef<HTMLAudioElement>(null);
  useTrack(picture, call.video);
  useTrack(voice, call.audio, (blocked) => verbs.soundBlocked(blocked));
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
          {turnOf(call)}
        </span>
      )}
      <TimeLeft call={call} />
      <div class="overlay">
        <SoundBlocked call={call} onTap={() => play(voice.current, (blocked) => verbs.soundBlocked(blocked))} />
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

function turnOf({ activity, interrupted, listenOnly, muted, working }: Call): string {
  if (interrupted) return "Reconnecting";
  if (working) return "Looking it up";
  if (activity === "speaking") return "Speaking";
  if (activity === "thinking") return "Thinking";
  return listenOnly || muted ? "Live" : "Listening";
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
