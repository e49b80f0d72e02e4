/** What a direct conversation is known by: the same for two people in whatever order. */
export function directKey(one: string, other: string): string {
  return JSON.stringify([one, other].sort());
}

/** The two people, or the one who writes to themselves. */
export function peopleOfKey(key: string): string[] {
  // Made by `directKey`.
  return [...new Set(JSON.parse(key) as string[])];
}
