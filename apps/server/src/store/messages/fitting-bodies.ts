/**
 * Bytes of the bodies in one page, in UTF-8, beyond its first message. A hundred of the longest messages would be three
 * megabytes, and nobody else would be answered while they are read and sent.
 */
export const MAX_PAGE_BYTES = 200_000;

/** Returns how many of the first bodies are not too long together, at least one. */
export function countFitting(sizes: readonly { readonly bytes: number }[], maxBytes = MAX_PAGE_BYTES): number {
  let sum = 0;
  const end = sizes.findIndex(({ bytes }, index) => {
    sum += bytes;
    return index > 0 && sum > maxBytes;
  });
  return end === -1 ? sizes.length : end;
}
