/** Returns the key of a direct conversation, the same for its two people in either order. */
export function directKey(a: string, b: string): string {
  return JSON.stringify([a, b].sort());
}

/** Returns the two people of a direct conversation, or the only one who writes to themselves. */
export function peopleOfDirectKey(key: string): string[] {
  // Made by `directKey`.
  return [...new Set(JSON.parse(key) as string[])];
}
