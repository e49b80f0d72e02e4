import { options } from "preact";

/** Events of the user's input, after each of which the next one may already be waiting. */
const INPUT_EVENTS = [
  "keydown",
  "keyup",
  "pointerdown",
  "pointerup",
  "click",
  "input",
  "change",
  "submit",
  "popstate",
] as const;

/**
 * Runs the effects of what an input has changed before the next input: a letter typed right after the key that opens a dialog
 * reaches the dialog. Otherwise effects run after the next frame.
 */
export function startEffectsAfterInput(): void {
  let inputs = 0;
  const onInput = (): void => {
    inputs += 1;
    options.requestAnimationFrame = queueMicrotask;
    setTimeout(() => {
      inputs -= 1;
      if (inputs === 0) delete options.requestAnimationFrame;
    });
  };
  for (const name of INPUT_EVENTS) window.addEventListener(name, onInput, { capture: true, passive: true });
}
