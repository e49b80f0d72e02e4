/**
 * Finds out whether a hook that must not wait returned a promise, which code without types can do.
 *
 * @param onRejected called with what that promise rejects with; it would end the process otherwise.
 * @returns the error to report; undefined where the hook did not.
 */
export function findAsyncHook(
  hook: string,
  returned: unknown,
  onRejected: (error: unknown) => void,
): TypeError | undefined {
  if (typeof returned !== "object" || returned === null) return undefined;
  if (!("then" in returned) || typeof returned.then !== "function") return undefined;
  Promise.resolve(returned).catch(onRejected);
  return new TypeError(`expected ${hook}() to return at once, got a promise: it must not be async`);
}
