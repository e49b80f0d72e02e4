/** The connections of a member: mostly one, which needs no set. */
export type ConnectionSet = string | Set<string> | undefined;

/** Returns the set with a connection, which may be the same set. */
export function withConnection(connections: ConnectionSet, added: string): ConnectionSet {
  if (connections === undefined || connections === added) return added;
  return typeof connections === "string" ? new Set([connections, added]) : connections.add(added);
}

/** Returns the set without a connection, which may be the same set; undefined when it is empty. */
export function withoutConnection(connections: ConnectionSet, removed: string): ConnectionSet {
  if (!(connections instanceof Set)) return connections === removed ? undefined : connections;
  connections.delete(removed);
  return connections.size === 0 ? undefined : connections;
}

export function countConnections(connections: ConnectionSet): number {
  if (connections === undefined) return 0;
  return typeof connections === "string" ? 1 : connections.size;
}
