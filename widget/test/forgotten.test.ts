import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Forgotten } from "../src/forgotten";

/** A page that is looked at, or not. */
function page() {
  const listeners = new Set<() => void>();
  const shown = {
    visibilityState: "visible" as DocumentVisibilityState,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    become(state: DocumentVisibilityState) {
      shown.visibilityState = state;
      for (const listener of listeners) listener();
    },
    listeners,
  };
  return shown;
}

function forgotten(speaking = () => false) {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const shown = page();
  const ended: number[] = [];
  const watch = new Forgotten(speaking, () => ended.push(Date.now()), shown as unknown as Document);
  return { shown, ended, watch };
}

test("a call out of sight in which nobody speaks is ended after a minute", () => {
  const { shown, ended, watch } = forgotten();
  mock.timers.tick(600_000);
  assert.deepEqual(ended, []); // in sight, nobody need speak

  shown.become("hidden");
  mock.timers.tick(50_000);
  assert.deepEqual(ended, []);
  mock.timers.tick(10_000);
  watch.stop();
  mock.timers.reset();

  assert.equal(ended.length, 1);
  assert.equal(shown.listeners.size, 0);
});

test("a call out of sight goes on as long as somebody speaks or types", () => {
  let speaking = true;
  const { shown, ended, watch } = forgotten(() => speaking);

  shown.become("hidden");
  mock.timers.tick(300_000); // a long explanation
  speaking = false;
  mock.timers.tick(50_000);
  watch.heard();
  mock.timers.tick(50_000);
  shown.become("visible");
  mock.timers.tick(300_000);
  watch.stop();
  mock.timers.reset();

  assert.deepEqual(ended, []);
});

test("a tab that has slept without a timer ends its call when it wakes", () => {
  const { shown, ended, watch } = forgotten();
  shown.become("hidden");

  mock.timers.setTime(Date.now() + 600_000);
  shown.become("visible");
  watch.stop();
  mock.timers.reset();

  assert.equal(ended.length, 1);
});
