export type Leave = () => Promise<unknown>;

/** What the subscriptions with the same command and key share: the last of them leaves. */
export class SharedLeave {
  #members = 0;
  /** Of a member that has ended, and has joined on the present connection. */
  #owed: Leave | undefined;

  add(): void {
    this.#members += 1;
  }

  /**
   * A member has ended.
   * @param leave what it would do if it were alone
   * @returns what is to be done now
   */
  remove(leave: Leave | undefined): Leave | undefined {
    this.#members -= 1;
    if (leave !== undefined) this.#owed = leave;
    return this.isEmpty ? this.#owed : undefined;
  }

  /** On the next connection none has joined yet. */
  onLost(): void {
    this.#owed = undefined;
  }

  get isEmpty(): boolean {
    return this.#members === 0;
  }
}
