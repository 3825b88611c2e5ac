/** The round buttons of a call. */

import type { CallControl } from "../call";
import type { Call } from "../state";
import { Icon, type IconName } from "./Icon";
import { useWords } from "./locale";

interface Props {
  call: Call;
  verbs: CallControl;
  captions: boolean;
  onCaptions(): void;
  /** Whether the choice of devices is open. */
  choosing: boolean;
  onChoose(): void;
}

export function Controls({ call, verbs, captions, onCaptions, choosing, onChoose }: Props) {
  const words = useWords();
  const live = call.phase === "live";
  const silent = call.muted || call.listenOnly !== null;
  return (
    <div class="controls" role="group" aria-label={words.call}>
      <Control
        icon={silent ? "muted" : "microphone"}
        label={call.listenOnly ? words.noMicrophone : call.muted ? words.unmute : words.mute}
        off={silent}
        disabled={!live}
        onPress={() => (call.listenOnly ? void verbs.devices.useMicrophone() : verbs.devices.toggleMute())}
      />
      {call.mode === "video" && (
        <Control
          icon={call.camera ? "video" : "unseen"}
          label={words.camera}
          pressed={call.camera !== null}
          disabled={!live}
          onPress={() => void verbs.devices.toggleCamera()}
        />
      )}
      <Control icon="captions" label={words.captions} pressed={captions} disabled={!live} onPress={onCaptions} />
      <Control icon="text" label={words.transcript} pressed={call.transcript} disabled={!live} onPress={() => verbs.toggleTranscript()} />
      <Control icon="devices" label={words.devices} pressed={choosing} disabled={!live} onPress={onChoose} />
      <button
        type="button"
        class="control end"
        aria-label={live ? words.endCall : words.cancelCall}
        title={live ? words.endCall : words.cancelCall}
        onClick={() => verbs.end()}
      >
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
