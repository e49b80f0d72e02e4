/** A text that runs a script in a page that inserts it unescaped. */
export interface Payload {
  readonly text: string;
  /** Its source: the published list, or the generator of ours. */
  readonly from: string;
}

/** What every generated payload calls when it runs, which the detector reports. */
export const CANARY = "__xss(1)";

export function payloadsOf(source: string, texts: readonly string[]): Payload[] {
  return texts.map((text) => ({ text, from: `made: ${source}` }));
}
