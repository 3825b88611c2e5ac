/** A clip that begins at the second that answers; one that is only heard takes a strip in place of a screen. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { ClipCard } from "../contract";
import { fill } from "../locale";
import { Icon } from "./Icon";
import { useClock, useWords } from "./locale";

const HEARD = /\.(mp3|wav|m4a|ogg|opus|flac)$/i;

export function ClipCardView({ card }: { card: ClipCard }) {
  const player = useRef<HTMLVideoElement>(null);
  const [begun, setBegun] = useState(false);
  const words = useWords();
  const time = useClock()(card.start);
  const toItsSecond = () => {
    if (player.current && player.current.currentTime < card.start) player.current.currentTime = card.start;
  };
  // Before it plays, captions would lie on the picture that it is chosen by.
  useEffect(() => {
    for (const track of player.current?.textTracks ?? []) track.mode = begun ? "showing" : "hidden";
  }, [begun]);
  const begin = () => {
    setBegun(true);
    toItsSecond();
    player.current?.play().catch(() => undefined); // the controls are there; the visitor can press again
    player.current?.focus();
  };

  if (!card.url) return null;
  const heard = HEARD.test(new URL(card.url).pathname);
  const kind = heard ? "card clip heard" : "card clip";
  return (
    <figure class={begun ? `${kind} playing` : kind}>
      <div class="screen">
        <video
          ref={player}
          playsInline
          preload={savesData() ? "none" : "metadata"}
          controls={begun}
          aria-label={card.title}
          // A captions track of another origin is read only when the video is asked for with CORS.
          {...(card.captionsUrl && isElsewhere(card.url) && { crossOrigin: "anonymous" as const })}
          poster={card.poster || undefined}
          src={`${card.url}#t=${card.start}`}
          onLoadedMetadata={toItsSecond}
        >
          {card.captionsUrl && <track kind="captions" label={words.captions} src={card.captionsUrl} default />}
        </video>
        {!begun && (
          <button type="button" class="begin" aria-label={fill(words.playFrom, { title: card.title, time })} onClick={begin}>
            <span>
              <Icon name="play" filled />
            </span>
          </button>
        )}
      </div>
      <figcaption class="caption">
        <b dir="auto">{card.title}</b>
        <span>{fill(words.from, { time })}</span>
      </figcaption>
    </figure>
  );
}

/** The visitor pays for what is loaded, and has said so in the browser. */
function savesData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}

function isElsewhere(address: string): boolean {
  return new URL(address).origin !== location.origin;
}
