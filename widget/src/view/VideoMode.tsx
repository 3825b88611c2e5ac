/** The video mode from the question for consent to the end of the call. */

import type { CallControl } from "../call";
import type { MeetingCard, PublicProfile } from "../contract";
import type { Call, State } from "../state";
import { CardView } from "./Card";
import { CallConsent } from "./Consent";
import { Icon, type IconName } from "./Icon";
import { VideoStage } from "./VideoStage";

interface Props {
  call: Call;
  verbs: CallControl;
  profile: PublicProfile;
  relay: State["relay"];
  onMeeting(card: MeetingCard): void;
  onText(): void;
}

export function VideoMode({ call, verbs, profile, relay, onMeeting, onText }: Props) {
  const start = () => void verbs.start();
  switch (call.phase) {
    case "consent":
      return <CallConsent consent={profile.consent} name={profile.displayName} onStart={start} onText={onText} />;
    case "failed":
      return (
        <div class="ask-consent" role="alert">
          <span class="medal bad">
            <Icon name="alert" />
          </span>
          <h3>{call.error?.happened}</h3>
          <p>{call.error?.next}</p>
          <button type="button" class="button primary" onClick={onText}>
            Continue in text
          </button>
          {call.error?.again && (
            <button type="button" class="button quiet" onClick={start}>
              Try again
            </button>
          )}
        </div>
      );
    default:
      return (
        <div class={call.transcript ? "call with-log" : "call"}>
          <VideoStage call={call} verbs={verbs} name={profile.displayName} relay={relay} />
          <Controls call={call} verbs={verbs} />
          {!call.transcript && call.cards.length > 0 && (
            <div class="call-cards" role="region" aria-label="Shown in this call" tabIndex={0}>
              {call.cards.map((card, at) => (
                <CardView key={call.cards.length - at} card={card} onMeeting={onMeeting} />
              ))}
            </div>
          )}
        </div>
      );
  }
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
