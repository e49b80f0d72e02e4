/**
 * What decoders put in place of bytes that are no text. In a name or a password it is never meant: its user
 * would have to enter the same damage again.
 */
const REPLACEMENT = "\uFFFD";

/**
 * Decodes UTF-8, without a byte order mark.
 *
 * @throws Error for other bytes, and for text that was damaged before it was encoded.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("expected UTF-8, got bytes that are not UTF-8: convert them, for example with iconv");
  }
  if (isDamaged(text)) {
    throw new Error("expected text, got the replacement character U+FFFD: its bytes were decoded wrongly before");
  }
  return text;
}

/** Returns whether bytes of this text, such as an argument's, were no UTF-8 and are lost. */
export function isDamaged(text: string): boolean {
  return text.includes(REPLACEMENT) || !text.isWellFormed();
}
