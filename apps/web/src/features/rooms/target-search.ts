function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Every word asked for stands somewhere in the name; a number alone is a room's number too. */
export function matches({ name, key }: { readonly name: string; readonly key: string }, asked: string): boolean {
  const words = folded(asked).split(/\s+/).filter(Boolean);
  const where = folded(name);
  return (
    words.every((word) => where.includes(word.replace(/^@(?=.)/, ""))) ||
    key === `room-${asked.trim().replace(/^#/, "")}`
  );
}

/** What begins as asked comes before what has it somewhere; otherwise the order stays. */
export function bestFirst<T extends { readonly name: string }>(found: readonly T[], asked: string): readonly T[] {
  const beginning = folded(asked.trim().replace(/^[@#]/, ""));
  if (beginning === "") return found;
  const rank = ({ name }: T) => (folded(name).startsWith(beginning) ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
