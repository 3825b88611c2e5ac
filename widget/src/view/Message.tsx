/** An answer on the plain surface: text, then what there is to see, then where it comes from, then what to do with it. */

import { useMemo } from "preact/hooks";
import type { Conversation } from "../conversation";
import { plainText } from "../markdown";
import { type AssistantTurn, offeredModes } from "../state";
import { CardSlot } from "./CardSlot";
import { useCopy } from "./copy";
import { Icon, type IconName } from "./Icon";
import { useWords } from "./locale";
import { Prose } from "./Prose";
import { SourceChips } from "./SourceChips";

export function Message({ turn, conversation }: { turn: AssistantTurn; conversation: Conversation }) {
  const words = useWords();
  const { answer, status } = turn;
  const { profile } = conversation.state;
  const link = useMemo(() => conversation.linksOf(answer.citations), [conversation, profile, answer.citations]);
  const cards = useMemo(() => [...answer.shown, ...answer.actions], [answer]);
  return (
    <article class="assistant" part="answer" data-status={status} data-grounded={answer.grounded} aria-busy={status === "streaming"}>
      {status === "thinking" && !answer.text && <p class="thinking">{words.lookingUp}</p>}
      {status === "waiting" && <p class="notice">{words.waitingToAsk}</p>}
      {answer.text && <Prose text={answer.text} citations={answer.citations} link={link} streaming={status === "streaming"} />}
      {cards.map((card, at) => (
        <CardSlot key={at} card={card} conversation={conversation} />
      ))}
      {answer.citations.length > 0 && <SourceChips citations={answer.citations} />}
      {status === "stopped" && (
        <p class="notice">
          {words.stopped}{" "}
          <button type="button" class="inline" onClick={() => void conversation.retry(turn.id)}>
            {words.askAgain}
          </button>
        </p>
      )}
      {status === "done" && answer.text && <Deeds turn={turn} conversation={conversation} />}
    </article>
  );
}

/** The quiet row below an answer. */
function Deeds({ turn, conversation }: { turn: AssistantTurn; conversation: Conversation }) {
  const words = useWords();
  const { possible, copied, copy } = useCopy();
  const rate = (rating: "good" | "bad") => () => void conversation.rate(turn.id, turn.rating === rating ? null : rating);
  return (
    <div class="deeds">
      {possible && (
        <Deed
          icon={copied ? "check" : "copy"}
          label={copied ? words.copied : words.copyAnswer}
          onPress={() => copy(plainText(turn.answer.text))}
        />
      )}
      {turn.rateable && (
        <>
          <Deed icon="good" label={words.goodAnswer} pressed={turn.rating === "good"} onPress={rate("good")} />
          <Deed icon="bad" label={words.badAnswer} pressed={turn.rating === "bad"} onPress={rate("bad")} />
        </>
      )}
      {offeredModes(conversation.state.profile).includes("tts") && (
        <Deed icon="sound" label={words.readAloud} onPress={() => conversation.reading.read(turn.id)} />
      )}
    </div>
  );
}

function Deed({ icon, label, pressed, onPress }: { icon: IconName; label: string; pressed?: boolean; onPress(): void }) {
  return (
    <button type="button" class="tool small" aria-label={label} title={label} aria-pressed={pressed} onClick={onPress}>
      <Icon name={icon} filled={pressed ?? false} />
    </button>
  );
}
