/** Waiting for what a conversation comes to, without a clock. */
import type { Conversation } from "../src/conversation";
import type { State } from "../src/state";

/** The first state in which it holds; a test that waits in vain ends with the runner's own limit. */
export function soon(conversation: Conversation, holds: (state: State) => boolean): Promise<State> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(conversation.state)) return;
      stop();
      resolve(conversation.state);
    };
    const stop = conversation.watch(look);
    look();
  });
}
