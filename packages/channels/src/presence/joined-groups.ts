/**
 * The member as which a connection has joined each of its groups. Most connections are in one group, which takes a quarter
 * of what a map with one entry does.
 */
export class JoinedGroups {
  #group: string | undefined;
  #member = "";
  #others: Map<string, string> | undefined;

  get size(): number {
    return (this.#group === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(group: string): string | undefined {
    return group === this.#group ? this.#member : this.#others?.get(group);
  }

  set(group: string, member: string): void {
    if (this.#group === undefined && this.#others?.has(group) !== true) this.#group = group;
    if (this.#group === group) this.#member = member;
    else {
      this.#others ??= new Map();
      this.#others.set(group, member);
    }
  }

  /** Returns false when the connection was not in the group. */
  delete(group: string): boolean {
    if (group !== this.#group) return this.#others?.delete(group) === true;
    this.#group = undefined;
    this.#member = "";
    return true;
  }

  /** Returns the groups with their members. Later changes do not affect the returned list. */
  entries(): readonly (readonly [group: string, member: string])[] {
    const others = [...(this.#others ?? [])];
    return this.#group === undefined ? others : [[this.#group, this.#member], ...others];
  }
}
