/** How loud a track is right now, told at each frame while it is drawn. */

import { useEffect } from "preact/hooks";

const SAMPLES = 512;
/** Speech seldom has a higher mean level. */
const LOUD = 0.22;

export function useLevel(track: MediaStreamTrack | null, show: (level: number) => void): void {
  useEffect(() => {
    if (!track || matchMedia("(prefers-reduced-motion: reduce)").matches) return undefined;
    // Beside the <audio> that plays it: what goes through Web Audio the echo canceller would not know.
    const sound = new AudioContext();
    const meter = sound.createAnalyser();
    meter.fftSize = SAMPLES;
    sound.createMediaStreamSource(new MediaStream([track])).connect(meter);
    const wave = new Float32Array(SAMPLES);
    let smooth = 0;
    let frame = 0;
    const look = () => {
      meter.getFloatTimeDomainData(wave);
      const level = Math.sqrt(wave.reduce((sum, sample) => sum + sample * sample, 0) / SAMPLES) / LOUD;
      smooth += (Math.min(1, level) - smooth) * (level > smooth ? 0.45 : 0.12);
      show(smooth);
      frame = requestAnimationFrame(look);
    };
    look();
    return () => {
      cancelAnimationFrame(frame);
      void sound.close();
    };
  }, [track]);
}
