function normalize(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Whether the name contains every word of the query; a number alone also matches the room's number. */
export function matchesQuery({ name, key }: { readonly name: string; readonly key: string }, query: string): boolean {
  const words = normalize(query).split(/\s+/).filter(Boolean);
  const haystack = normalize(name);
  return (
    words.every((word) => haystack.includes(word.replace(/^@(?=.)/, ""))) ||
    key === `room-${query.trim().replace(/^#/, "")}`
  );
}

/** Moves names that begin with the query to the front; otherwise the order stays. */
export function sortByRelevance<T extends { readonly name: string }>(items: readonly T[], query: string): readonly T[] {
  const prefix = normalize(query.trim().replace(/^[@#]/, ""));
  if (prefix === "") return items;
  const rank = ({ name }: T) => (normalize(name).startsWith(prefix) ? 0 : 1);
  return items.toSorted((a, b) => rank(a) - rank(b));
}
