export function folded(text: string): string {
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
