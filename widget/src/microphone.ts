/** The visitor's microphone, and why there is none. */

export class MicrophoneError extends Error {
  constructor(
    /** What a visitor reads of it stands in `words.ts`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** For whoever runs the website; it goes to the console. */
const WHO_FORBIDS =
  globalThis.top === globalThis.self
    ? "The page's Permissions-Policy does not hold microphone=(self)"
    : 'The iframe that holds this page lacks allow="microphone"';

/** `device` is the id of the one that the visitor chose. */
export async function openMicrophone(device?: string): Promise<MediaStreamTrack> {
  // An insecure page has no mediaDevices at all.
  if (!navigator.mediaDevices) throw new MicrophoneError("microphone_forbidden", "This page is not secure");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(device && { deviceId: { exact: device } }) },
    });
    const [track] = stream.getAudioTracks();
    if (track) return track;
  } catch (refusal) {
    if (pageForbids()) throw new MicrophoneError("microphone_forbidden", `${WHO_FORBIDS} (${String(refusal)})`);
    throw new MicrophoneError(codeOfRefusal(refusal as Error), String(refusal));
  }
  throw new MicrophoneError("microphone_missing", "The stream has no sound");
}

function codeOfRefusal({ name }: Error): string {
  switch (name) {
    case "NotFoundError":
    case "OverconstrainedError":
      return "microphone_missing";
    case "NotReadableError":
    case "AbortError":
      return "microphone_busy";
    case "SecurityError":
      return "microphone_forbidden";
    default:
      return "microphone_blocked";
  }
}

/** A page inside an iframe without `allow="microphone"` is refused as if the visitor had said no. */
function pageForbids(): boolean {
  const page = globalThis.document as (Document & { featurePolicy?: { allowsFeature(name: string): boolean } }) | undefined;
  return page?.featurePolicy?.allowsFeature("microphone") === false;
}
