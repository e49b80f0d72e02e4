function normalize(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Every word asked for stands somewhere in the name; a number alone is a room's number too. */
export function matchesQuery({ name, key }: { readonly name: string; readonly key: string }, query: string): boolean {
  const words = normalize(query).split(/\s+/).filter(Boolean);
  const haystack = normalize(name);
  return (
    words.every((word) => haystack.includes(word.replace(/^@(?=.)/, ""))) ||
    key === `room-${query.trim().replace(/^#/, "")}`
  );
}

/** What begins as asked comes before what has it somewhere; otherwise the order stays. */
export function sortByRelevance<T extends { readonly name: string }>(items: readonly T[], query: string): readonly T[] {
  const prefix = normalize(query.trim().replace(/^[@#]/, ""));
  if (prefix === "") return items;
  const rank = ({ name }: T) => (normalize(name).startsWith(prefix) ? 0 : 1);
  return items.toSorted((a, b) => rank(a) - rank(b));
}
