/** When no mode works: a message to the company's people, which waits for the connection if it must. */

import type { LetterValues } from "../letter";
import type { Letter } from "../state";
import { Field, valuesOf } from "./Field";
import { Icon } from "./Icon";

interface Props {
  letter: Letter;
  /** What the visitor could not ask. */
  question: string;
  onSend(values: LetterValues): void;
}

export function LetterForm({ letter, question, onSend }: Props) {
  const { status, wrong } = letter;
  if (status === "sent") {
    return (
      <div class="card action">
        <span class="medal small good">
          <Icon name="check" />
        </span>
        <p>
          <b>Your message is on its way</b>
          <span class="whole">The team answers by e-mail.</span>
        </p>
      </div>
    );
  }
  const busy = status !== "open";
  const error = (name: string) => (name === wrong ? "Please check this value." : null);
  return (
    <form
      class="card form"
      aria-label="Leave a message"
      aria-busy={busy}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onSend(valuesOf(event.currentTarget) as unknown as LetterValues);
      }}
    >
      <h4>Leave a message</h4>
      <p class="notice">I cannot answer at the moment. The team can, by e-mail.</p>
      <Field name="name" label="Name" kind="text" value="" required={false} disabled={busy} error={error("name")} />
      <Field name="email" label="E-mail" kind="email" value="" required disabled={busy} error={error("email")} />
      <Field name="message" label="Message" kind="multiline" value={question} required disabled={busy} error={error("message")} />
      {status === "waiting" && (
        <p class="notice" role="status">
          There is no connection yet. Your message is sent as soon as there is one; please keep this page open.
        </p>
      )}
      <div class="answers">
        <button type="submit" class="button primary small" aria-disabled={busy}>
          {status === "open" ? "Send" : status === "sending" ? "Sending…" : "Waiting…"}
        </button>
      </div>
    </form>
  );
}
