/** The avatar's picture and voice, with what must be said on it: state, time, captions, trouble. */

import { useRef } from "preact/hooks";
import type { CallControl } from "../call";
import type { Language } from "../languages/en";
import { fill } from "../locale";
import type { Call, State } from "../state";
import { lastWords, play, SoundBlocked, TimeLeft, troubleOf, useLoudspeaker, useTrack } from "./call";
import { Apart } from "./Apart";
import { useWords } from "./locale";

interface Props {
  call: Call;
  verbs: CallControl;
  name: string;
  relay: State["relay"];
  captions: boolean;
  picture: { current: HTMLVideoElement | null };
}

export function VideoStage({ call, verbs, name, relay, captions, picture }: Props) {
  const words = useWords();
  const voice = useRef<HTMLAudioElement>(null);
  const own = useRef<HTMLVideoElement>(null);
  useTrack(picture, call.video);
  useTrack(own, call.camera);
  useTrack(voice, call.audio, (blocked) => verbs.soundBlocked(blocked));
  useLoudspeaker(voice, call.speaker);
  const trouble = troubleOf(call, relay, words);

  return (
    <div class="stage" data-picture={call.picture}>
      {/* Picture and voice apart: a muted video never falls under the autoplay block. */}
      <video ref={picture} muted playsInline autoPlay aria-label={fill(words.videoOf, { name })} onPlaying={() => verbs.pictureSeen()} />
      <audio ref={voice} autoPlay />
      <video ref={own} class="own" hidden={!call.camera} muted playsInline autoPlay aria-label={words.yourCamera} />
      {!call.picture && (
        <div class="waiting">
          <i class="silhouette" />
          <p role="status">{waitingFor(call, words)}</p>
        </div>
      )}
      {call.phase === "live" && call.picture && (
        <span class="pill">
          <i class={call.interrupted ? "dot wait" : "dot good"} />
          {turnOf(call, words)}
        </span>
      )}
      <TimeLeft call={call} />
      {call.picture && document.pictureInPictureEnabled && <Apart picture={picture} />}
      <div class="overlay">
        <SoundBlocked call={call} onTap={() => play(voice.current, (blocked) => verbs.soundBlocked(blocked))} />
        {trouble && (
          <p class="trouble" role="status">
            {trouble}
          </p>
        )}
        {captions && call.caption && (
          <p class="captions" dir="auto">
            <span>{lastWords(call.caption)}</span>
          </p>
        )}
      </div>
    </div>
  );
}

function turnOf({ activity, interrupted, listenOnly, muted, working }: Call, words: Language): string {
  if (interrupted) return words.reconnecting;
  if (working) return words.searching;
  if (activity === "speaking") return words.speaking;
  if (activity === "thinking") return words.thinking;
  return listenOnly || muted ? words.live : words.listening;
}

function waitingFor({ phase }: Call, words: Language): string {
  switch (phase) {
    case "permission":
      return words.waitingForMicrophone;
    case "creating":
      return words.preparing;
    case "joining":
      return words.joining;
    default:
      return words.waitingForPicture;
  }
}
