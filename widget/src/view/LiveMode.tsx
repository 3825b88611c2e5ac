/** A live mode from the question for consent to the end of the call. Loaded with the first call. */

import { useRef, useState } from "preact/hooks";
import type { CallControl } from "../call";
import type { Conversation } from "../conversation";
import { reasonFor } from "../log";
import type { Call, State } from "../state";
import { CardSlot } from "./CardSlot";
import { CallConsent } from "./CallConsent";
import { Controls } from "./Controls";
import { Devices } from "./Devices";
import { sheetOf } from "./lazy";
import { useForeign, useWords } from "./locale";
import adapt from "./style/adapt.css";
import videoStyle from "./style/video.css";
import voiceStyle from "./style/voice.css";
import { VideoStage } from "./VideoStage";
import { VoiceStage } from "./VoiceStage";

/** Adopted after the panel's own sheet, so what adapts must come once more to have the last word. */
export const sheet = sheetOf(videoStyle + voiceStyle + adapt);

interface Props {
  call: Call;
  verbs: CallControl;
  state: State;
  conversation: Conversation;
}

export function LiveMode({ call, verbs, state, conversation }: Props) {
  const words = useWords();
  const picture = useRef<HTMLVideoElement>(null);
  const [choosing, setChoosing] = useState(false);
  const { profile, relay, captions, items } = state;
  const foreign = useForeign(profile);
  if (!profile) return null;
  if (call.phase === "consent") {
    return (
      <CallConsent
        mode={call.mode}
        consent={profile.consent}
        name={profile.displayName}
        lang={foreign}
        onStart={() => void conversation.agree()}
        onText={() => conversation.leave()}
      />
    );
  }
  const compact = call.transcript || choosing || (call.mode === "voice" && call.cards.length > 0);
  return (
    <div class={call.transcript ? "call with-log" : "call"} part="call" data-mode={call.mode} data-compact={compact}>
      {call.mode === "video" ? (
        <VideoStage call={call} verbs={verbs} name={profile.displayName} relay={relay} captions={captions} picture={picture} />
      ) : (
        <VoiceStage call={call} verbs={verbs} relay={relay} captions={captions} reason={reasonFor(items, "voice")} />
      )}
      <Controls
        call={call}
        verbs={verbs}
        captions={captions}
        onCaptions={() => conversation.settings.toggleCaptions()}
        choosing={choosing}
        onChoose={() => setChoosing(!choosing)}
      />
      {choosing && <Devices call={call} verbs={verbs} />}
      {!call.transcript && call.cards.length > 0 && (
        <div class="call-cards" role="region" aria-label={words.shownInCall} tabIndex={0}>
          {call.cards.map((card, at) => (
            <CardSlot key={call.cards.length - at} card={card} conversation={conversation} />
          ))}
        </div>
      )}
    </div>
  );
}
