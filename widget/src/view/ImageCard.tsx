/** A picture from the material; a press shows it as large as the window. */

import { useRef } from "preact/hooks";
import type { ImageCard } from "../contract";
import { fill } from "../locale";
import { Icon } from "./Icon";
import { useWords } from "./locale";

export function ImageCardView({ card }: { card: ImageCard }) {
  const words = useWords();
  const zoom = useRef<HTMLDialogElement>(null);
  if (!card.url) return null;
  return (
    <figure class="card">
      <button type="button" class="picture" aria-label={fill(words.enlarge, { title: card.title })} onClick={() => zoom.current?.showModal()}>
        <img src={card.url} alt={card.alt} width={card.width ?? undefined} height={card.height ?? undefined} />
      </button>
      <figcaption class="caption">
        <b dir="auto">{card.title}</b>
        {card.sourceUrl && (
          <a class="tool small" href={card.sourceUrl} target="_blank" rel="noopener noreferrer" aria-label={fill(words.openSource, { title: card.title })}>
            <Icon name="open" />
          </a>
        )}
      </figcaption>
      {/* The browser's own modal: Escape closes it, focus stays in it and comes back. */}
      <dialog
        ref={zoom}
        class="zoom"
        aria-label={card.title}
        onClick={(event) => event.target === zoom.current && zoom.current?.close()}
        onKeyDown={(event) => event.key === "Escape" && event.stopPropagation()}
      >
        <img src={card.url} alt={card.alt} />
        <p dir="auto">{card.caption || card.title}</p>
        <button type="button" class="tool" aria-label={words.closePicture} onClick={() => zoom.current?.close()}>
          <Icon name="close" />
        </button>
      </dialog>
    </figure>
  );
}
