const MAX_ATTEMPTS = 400;

/** Returns a shorter input that still fails, by leaving out ever smaller parts. */
export async function shrink(input: string, stillFails: (candidate: string) => Promise<boolean>): Promise<string> {
  let smallest = input;
  let attempts = 0;
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length && attempts < MAX_ATTEMPTS; ) {
      const candidate = smallest.slice(0, at) + smallest.slice(at + size);
      attempts += 1;
      if (await stillFails(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}
