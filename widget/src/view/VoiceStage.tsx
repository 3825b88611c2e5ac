/** One living orb for the voice, with a word for whose turn it is and the last words as a caption. */

import { useRef } from "preact/hooks";
import type { CallControl } from "../call";
import type { Language } from "../languages/en";
import type { Call, State } from "../state";
import { lastWords, play, SoundBlocked, TimeLeft, troubleOf, useLoudspeaker, useTrack } from "./call";
import { useLevel } from "./level";
import { useWords } from "./locale";

interface Props {
  call: Call;
  verbs: CallControl;
  relay: State["relay"];
  captions: boolean;
  /** Why the visitor is here without having asked for it; a screen reader has said it already. */
  reason: string | null;
}

export function VoiceStage({ call, verbs, relay, captions, reason }: Props) {
  const words = useWords();
  const voice = useRef<HTMLAudioElement>(null);
  const orb = useRef<HTMLDivElement>(null);
  useTrack(voice, call.audio, (blocked) => verbs.soundBlocked(blocked));
  const heard = call.muted ? null : call.microphone;
  useLevel(call.phase === "live" ? (call.activity === "speaking" ? call.audio : heard) : null, (level) => {
    orb.current?.style.setProperty("--level", level.toFixed(3));
  });
  useLoudspeaker(voice, call.speaker);
  const trouble = troubleOf(call, relay, words);

  return (
    <div class="voice">
      <audio ref={voice} autoPlay />
      <TimeLeft call={call} />
      <div ref={orb} class="orb" data-activity={call.phase === "live" ? call.activity : "connecting"} aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <p class="turn" role="status">
        {wordFor(call, words)}
      </p>
      {reason && !call.transcript && <p class="notice">{reason}</p>}
      {captions && call.caption && (
        <p class="quote" dir="auto">
          {lastWords(call.caption)}
        </p>
      )}
      {trouble && (
        <p class="notice" role="status">
          {trouble}
        </p>
      )}
      <SoundBlocked call={call} onTap={() => play(voice.current, (blocked) => verbs.soundBlocked(blocked))} />
    </div>
  );
}

function wordFor(call: Call, words: Language): string {
  if (call.phase === "permission") return words.waitingForMicrophone;
  if (call.phase !== "live") return words.connecting;
  if (call.interrupted) return words.reconnecting;
  if (call.activity === "speaking") return words.speaking;
  if (call.working) return words.searching;
  if (call.activity === "thinking") return words.thinking;
  return call.muted ? words.muted : words.listening;
}
