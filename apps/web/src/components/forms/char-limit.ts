import type { ChangeEvent, ChangeEventHandler, CompositionEvent } from "react";

/** The most UTF-16 units of a code point, and the most code points that compose to one. */
const UNITS_PER_CHAR = 2 * 4;

/** Counts code points of the composed text, as the server does. */
function countChars(text: string): number {
  return [...text.normalize("NFC")].length;
}

/**
 * Returns a text without what is too much of it, and where the cursor is then: like a browser, it takes away what was inserted
 * last, which ends at the cursor.
 */
export function cutToChars(text: string, cursor: number, maxChars: number): { text: string; cursor: number } {
  let before = text.slice(0, cursor);
  const after = text.slice(cursor);
  for (let surplus = countChars(text) - maxChars; surplus > 0; surplus = countChars(before + after) - maxChars) {
    if (before === "") return { text: [...after].slice(0, maxChars).join(""), cursor: 0 };
    before = [...before].slice(0, -surplus).join("");
  }
  return { text: before + after, cursor: before.length };
}

interface CharLimitProps {
  readonly maxLength?: number;
  readonly onChange?: ChangeEventHandler<HTMLInputElement> | undefined;
  readonly onCompositionEnd?: (event: CompositionEvent<HTMLInputElement>) => void;
}

/**
 * Returns the properties of an input that takes so many characters. The attribute `maxlength` counts UTF-16 units, of which the
 * letters of some scripts have two; here it only bounds what is examined.
 */
export function limitChars(
  maxChars: number | undefined,
  onChange: ChangeEventHandler<HTMLInputElement> | undefined,
): CharLimitProps {
  if (maxChars === undefined) return { onChange };
  function cut(input: HTMLInputElement): boolean {
    const fitting = cutToChars(input.value, input.selectionStart ?? input.value.length, maxChars ?? 0);
    if (fitting.text === input.value) return false;
    input.value = fitting.text;
    input.setSelectionRange(fitting.cursor, fitting.cursor);
    return true;
  }
  return {
    maxLength: maxChars * UNITS_PER_CHAR,
    onChange: (event) => {
      // What is being composed is examined when it is finished: it may become shorter.
      if (!(event.nativeEvent instanceof InputEvent && event.nativeEvent.isComposing)) cut(event.currentTarget);
      onChange?.(event);
    },
    onCompositionEnd: (event) => {
      // A handler reads the input of its event, which is the same.
      if (cut(event.currentTarget)) onChange?.(event as unknown as ChangeEvent<HTMLInputElement>);
    },
  };
}
