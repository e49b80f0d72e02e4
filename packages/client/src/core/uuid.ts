/** Returns a function that makes UUIDs of version 7 (RFC 9562, method 1). Its UUIDs sort by time and always increase. */
export function createUuidGenerator(now: () => number): () => string {
  let last = 0;
  let counter = 0;
  return () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const time = Math.floor(now());
    if (time > last) {
      last = time;
      counter = ((bytes[6] ?? 0) << 3) | ((bytes[7] ?? 0) & 7);
    } else {
      // The clock has not moved, or was set back: count within the last millisecond, and use the next one when it is full.
      counter += 1;
      if (counter > 0xfff) {
        counter = 0;
        last += 1;
      }
    }
    for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(last / 2 ** (8 * (5 - i))) & 0xff;
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}
