/** The visitor's microphone and camera, and why there is none. */

export type Device = "microphone" | "camera";

export class CaptureError extends Error {
  constructor(
    /** What a visitor reads of it stands in `words.ts`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** `id` is that of the device which the visitor chose. */
export async function capture(device: Device, id?: string): Promise<MediaStreamTrack> {
  // An insecure page has no mediaDevices at all.
  if (!navigator.mediaDevices) throw new CaptureError(`${device}_forbidden`, "This page is not secure");
  const chosen = id ? { deviceId: { exact: id } } : {};
  const wish: MediaStreamConstraints =
    device === "camera"
      ? { video: { width: { ideal: 640 }, height: { ideal: 480 }, ...chosen } }
      : { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...chosen } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wish);
    const [track] = device === "camera" ? stream.getVideoTracks() : stream.getAudioTracks();
    if (track) return track;
  } catch (refusal) {
    const why = pageForbids(device) ? `${whoForbids(device)}: ${String(refusal)}` : String(refusal);
    throw new CaptureError(`${device}_${reasonOf(device, refusal as Error)}`, why);
  }
  throw new CaptureError(`${device}_missing`, "The stream is empty");
}

function reasonOf(device: Device, { name }: Error): "blocked" | "busy" | "forbidden" | "missing" {
  switch (name) {
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    case "SecurityError":
      return "forbidden";
    default:
      return pageForbids(device) ? "forbidden" : "blocked";
  }
}

/** A page inside an iframe without `allow="microphone"` is refused as if the visitor had said no. */
function pageForbids(device: Device): boolean {
  const page = globalThis.document as (Document & { featurePolicy?: { allowsFeature(name: string): boolean } }) | undefined;
  return page?.featurePolicy?.allowsFeature(device) === false;
}

/** For whoever runs the website; it goes to the console. */
function whoForbids(device: Device): string {
  return globalThis.top === globalThis.self
    ? `The page's Permissions-Policy lacks ${device}=(self)`
    : `The iframe that holds this page lacks allow="${device}"`;
}
