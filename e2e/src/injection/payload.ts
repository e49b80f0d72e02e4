/** Something that runs a script in a page that shows it carelessly. */
export interface Payload {
  readonly text: string;
  /** Where it is from: a published list, or which of our own makers made it. */
  readonly from: string;
}

/** What every payload of ours calls when it runs: the trap knows it by its name. */
export const CANARY = "__xss(1)";

export function payloadsOf(how: string, texts: readonly string[]): Payload[] {
  return texts.map((text) => ({ text, from: `made: ${how}` }));
}
