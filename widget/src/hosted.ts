/** The hosted page's example questions: a press opens the panel and asks. */

import type { AiSdr } from "./element";

document.addEventListener("click", (event) => {
  const question = (event.target as Element).closest<HTMLElement>("[data-ask]")?.dataset.ask;
  if (question) void ask(question);
});

async function ask(question: string): Promise<void> {
  await customElements.whenDefined("ai-sdr"); // the embed may still be on its way
  await document.querySelector<AiSdr>("ai-sdr")?.send(question);
}
