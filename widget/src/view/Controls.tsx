/** The round buttons of a call. */

import { useEffect, useState } from "preact/hooks";
import type { CallControl } from "../call";
import type { Call } from "../state";
import { Icon, type IconName } from "./Icon";
import { useWords } from "./locale";

interface Props {
  call: Call;
  verbs: CallControl;
  captions: boolean;
  onCaptions(): void;
  picture: { current: HTMLVideoElement | null };
  /** Whether the choice of devices is open. */
  choosing: boolean;
  onChoose(): void;
}

export function Controls({ call, verbs, captions, onCaptions, picture, choosing, onChoose }: Props) {
  const words = useWords();
  const live = call.phase === "live";
  const silent = call.muted || call.listenOnly !== null;
  const apart = useApart(picture, call.picture);
  return (
    <div class="controls" role="group" aria-label={words.call}>
      <Control
        icon={silent ? "muted" : "microphone"}
        label={call.listenOnly ? words.noMicrophone : call.muted ? words.unmute : words.mute}
        off={silent}
        disabled={!live || call.listenOnly !== null}
        onPress={() => verbs.toggleMute()}
      />
      <Control icon="captions" label={words.captions} pressed={captions} disabled={!live} onPress={onCaptions} />
      <Control icon="text" label={words.transcript} pressed={call.transcript} disabled={!live} onPress={() => verbs.toggleTranscript()} />
      {call.mode === "video" && document.pictureInPictureEnabled && (
        <Control icon="apart" label={words.pictureInPicture} pressed={apart.is} disabled={!call.picture} onPress={apart.toggle} />
      )}
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

/** The picture in a window of its own, which stays in sight on other pages. */
function useApart(picture: { current: HTMLVideoElement | null }, seen: boolean): { is: boolean; toggle(): void } {
  const [is, setIs] = useState(false);
  useEffect(() => {
    const video = picture.current;
    const look = () => setIs(video?.matches(":picture-in-picture") ?? false);
    video?.addEventListener("enterpictureinpicture", look);
    video?.addEventListener("leavepictureinpicture", look);
    return () => {
      video?.removeEventListener("enterpictureinpicture", look);
      video?.removeEventListener("leavepictureinpicture", look);
    };
  }, [seen]);
  const toggle = () => {
    const going = is ? document.exitPictureInPicture() : picture.current?.requestPictureInPicture();
    going?.catch(() => setIs(false)); // the browser or the page forbids it; the picture stays where it is
  };
  return { is, toggle };
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
