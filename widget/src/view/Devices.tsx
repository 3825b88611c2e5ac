/** Which microphone and which loudspeaker a call uses. The browser names them only after it gave the microphone. */

import { useEffect, useState } from "preact/hooks";
import type { CallControl } from "../call";
import { fill } from "../locale";
import type { Call } from "../state";
import { useWords } from "./locale";

export function Devices({ call, verbs }: { call: Call; verbs: CallControl }) {
  const words = useWords();
  const devices = useDevices(call.camera);
  const microphone = call.microphone?.getSettings?.().deviceId ?? "";
  // Not every browser names loudspeakers, or lets a page choose one.
  const speakers = "setSinkId" in HTMLMediaElement.prototype ? devices.filter(({ kind }) => kind === "audiooutput") : [];
  return (
    <div class="devices" role="group" aria-label={words.devices}>
      <Choice
        label={words.microphone}
        devices={devices.filter(({ kind }) => kind === "audioinput")}
        chosen={microphone}
        onChoose={(id) => void verbs.devices.useMicrophone(id)}
      />
      {call.camera && (
        <Choice
          label={words.camera}
          devices={devices.filter(({ kind }) => kind === "videoinput")}
          chosen={call.camera.getSettings().deviceId ?? ""}
          onChoose={(id) => void verbs.devices.useCamera(id)}
        />
      )}
      {speakers.length > 0 && (
        <Choice
          label={words.speaker}
          devices={speakers}
          chosen={call.speaker || "default"}
          onChoose={(id) => verbs.devices.useSpeaker(id)}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  devices: MediaDeviceInfo[];
  chosen: string;
  onChoose(device: string): void;
}

function Choice({ label, devices, chosen, onChoose }: ChoiceProps) {
  const words = useWords();
  return (
    <label>
      {label}
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {devices.map(({ deviceId, label: name }, at) => (
          <option key={deviceId} value={deviceId}>
            {name || fill(words.device, { number: at + 1 })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The camera's name is told once it is given, too. */
function useDevices(camera: MediaStreamTrack | null): MediaDeviceInfo[] {
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const look = () => void navigator.mediaDevices?.enumerateDevices().then(setDevices, () => undefined);
    look();
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, [camera]);
  return devices;
}
