/** A live mode from the question for consent to the end of the call. */

import type { CallControl } from "../call";
import type { PublicProfile } from "../contract";
import type { Conversation } from "../conversation";
import { reasonFor } from "../log";
import type { Call, State } from "../state";
import { CardView } from "./Card";
import { CallConsent } from "./Consent";
import { Icon, type IconName } from "./Icon";
import { VideoStage } from "./VideoStage";
import { VoiceStage } from "./VoiceStage";

interface Props {
  call: Call;
  verbs: CallControl;
  profile: PublicProfile;
  relay: State["relay"];
  conversation: Conversation;
}

export function LiveMode({ call, verbs, profile, relay, conversation }: Props) {
  if (call.phase === "consent") {
    return (
      <CallConsent
        mode={call.mode}
        consent={profile.consent}
        name={profile.displayName}
        onStart={() => void conversation.agree()}
        onText={() => conversation.leave()}
      />
    );
  }
  const compact = call.transcript || (call.mode === "voice" && call.cards.length > 0);
  return (
    <div class={call.transcript ? "call with-log" : "call"} data-mode={call.mode} data-compact={compact}>
      {call.mode === "video" ? (
        <VideoStage call={call} verbs={verbs} name={profile.displayName} relay={relay} />
      ) : (
        <VoiceStage call={call} verbs={verbs} relay={relay} reason={reasonFor(conversation.state.items, "voice")} />
      )}
      <Controls call={call} verbs={verbs} />
      {!call.transcript && call.cards.length > 0 && (
        <div class="call-cards" role="region" aria-label="Shown in this call" tabIndex={0}>
          {call.cards.map((card, at) => (
            <CardView key={call.cards.length - at} card={card} conversation={conversation} />
          ))}
        </div>
      )}
    </div>
  );
}

function Controls({ call, verbs }: { call: Call; verbs: CallControl }) {
  const live = call.phase === "live";
  const silent = call.muted || call.listenOnly !== null;
  return (
    <div class="controls" role="group" aria-label="Call">
      <Control
        icon={silent ? "muted" : "microphone"}
        label={call.listenOnly ? "No microphone" : call.muted ? "Unmute" : "Mute"}
        off={silent}
        disabled={!live || call.listenOnly !== null}
        onPress={() => verbs.toggleMute()}
      />
      <Control icon="captions" label="Captions" pressed={call.captions} disabled={!live} onPress={() => verbs.toggleCaptions()} />
      <Control icon="text" label="Transcript" pressed={call.transcript} disabled={!live} onPress={() => verbs.toggleTranscript()} />
      <button type="button" class="control end" aria-label={live ? "End call" : "Cancel call"} title={live ? "End call" : "Cancel"} onClick={() => verbs.end()}>
        <Icon name="hangup" filled />
      </button>
    </div>
  );
}

interface ControlProps {
  icon: IconName;
  label: string;
  /** For what is shown or hidden. The microphone says it in its label instead. */
  pressed?: boolean | undefined;
  off?: boolean;
  disabled: boolean;
  onPress(): void;
}

function Control({ icon, label, pressed, off = false, disabled, onPress }: ControlProps) {
  return (
    <button
      type="button"
      class={off ? "control off" : "control"}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
