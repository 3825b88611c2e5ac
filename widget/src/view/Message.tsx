/** An answer on the plain surface: text, then what there is to see, then where it comes from. */

import { useMemo, useState } from "preact/hooks";
import type { Conversation } from "../conversation";
import { plainText } from "../markdown";
import { type AssistantTurn, offeredModes } from "../state";
import { CardView } from "./Card";
import { Icon } from "./Icon";
import { Prose } from "./Prose";
import { SourceChips } from "./SourceChips";

export function Message({ turn, conversation }: { turn: AssistantTurn; conversation: Conversation }) {
  const { answer, status } = turn;
  const cards = useMemo(() => [...answer.shown, ...answer.actions], [answer]);
  return (
    <article class="assistant" data-status={status} data-grounded={answer.grounded} aria-busy={status === "streaming"}>
      {status === "thinking" && !answer.text && <p class="thinking">Looking it up…</p>}
      {status === "waiting" && <p class="notice">Waiting for the connection. Your question goes out when it is back.</p>}
      {answer.text && <Prose text={answer.text} citations={answer.citations} streaming={status === "streaming"} />}
      {cards.map((card, at) => (
        <CardView key={at} card={card} conversation={conversation} />
      ))}
      {answer.citations.length > 0 && (
        <div class="foot">
          <SourceChips citations={answer.citations} />
          {status === "done" && offeredModes(conversation.state.profile).includes("tts") && (
            <button type="button" class="tool small aside" aria-label="Read aloud" title="Read aloud" onClick={() => conversation.read(turn.id)}>
              <Icon name="sound" />
            </button>
          )}
          {status === "done" && <Copy text={answer.text} />}
        </div>
      )}
      {status === "stopped" && <p class="notice">Stopped.</p>}
    </article>
  );
}

function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  if (!navigator.clipboard) return null; // only secure pages have one
  const copy = async () => {
    await navigator.clipboard.writeText(plainText(text));
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <button
      type="button"
      class={copied ? "tool small aside copied" : "tool small aside"}
      aria-label={copied ? "Copied" : "Copy answer"}
      title="Copy"
      onClick={() => void copy()}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
