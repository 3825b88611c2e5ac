/** When no mode works: a message to the company's people, which waits for the connection if it must. */

import type { LetterValues } from "../letter";
import type { Letter } from "../state";
import { Field, valuesOf } from "./Field";
import { Icon } from "./Icon";
import { useWords } from "./locale";

interface Props {
  letter: Letter;
  /** What the visitor could not ask. */
  question: string;
  onSend(values: LetterValues): void;
}

export function LetterForm({ letter, question, onSend }: Props) {
  const words = useWords();
  const { status, wrong } = letter;
  if (status === "sent") {
    return (
      <div class="card action">
        <span class="medal small good">
          <Icon name="check" />
        </span>
        <p>
          <b>{words.onItsWay}</b>
          <span class="whole">{words.teamAnswers}</span>
        </p>
      </div>
    );
  }
  const busy = status !== "open";
  const error = (name: string) => (name === wrong ? words.checkValue : null);
  return (
    <form
      class="card form"
      aria-label={words.leaveMessage}
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSend(valuesOf(event.currentTarget) as unknown as LetterValues);
      }}
    >
      <h3>{words.leaveMessage}</h3>
      <p class="notice">{words.cannotAnswer}</p>
      <Field name="name" label={words.name} kind="text" value="" required={false} disabled={busy} error={error("name")} />
      <Field name="email" label={words.email} kind="email" value="" required disabled={busy} error={error("email")} />
      <Field name="message" label={words.message} kind="multiline" value={question} required disabled={busy} error={error("message")} />
      {status === "waiting" && (
        <p class="notice" role="status">
          {words.sentLater}
        </p>
      )}
      <div class="answers">
        <button type="submit" class="button primary small" aria-disabled={busy}>
          {status === "open" ? words.send : status === "sending" ? words.sending : words.waiting}
        </button>
      </div>
    </form>
  );
}
