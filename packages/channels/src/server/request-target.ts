export interface RequestTarget {
  /** Of an absolute target, with the port and without a name and a password before it; undefined: the target has none. */
  readonly host: string | undefined;
  /** The path and what follows it. */
  readonly rest: string;
}

/** Separates scheme and host of an absolute request target, which RFC 9112 requires servers to accept. */
export function readTarget(target: string): RequestTarget {
  const { authority, rest } = /^(?:https?|wss?):\/\/(?<authority>[^/?#]*)(?<rest>.*)$/is.exec(target)?.groups ?? {};
  if (authority === undefined || rest === undefined) return { host: undefined, rest: target };
  return { host: authority.replace(/^.*@/s, ""), rest: rest.startsWith("/") ? rest : `/${rest}` };
}
