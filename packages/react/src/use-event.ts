import type { EventContent, EventName, Protocol } from "@multichat/channels/protocol";
import type { Client } from "@multichat/channels-client";
import { useEffect, useInsertionEffect, useRef } from "react";

/**
 * Calls the listener with each event while the component is mounted, always the one of the latest render: it need not be stable.
 * For the events of a room that is joined, use the option `on` of `useSubscription`, which misses none.
 */
export function useEvent<P extends Protocol, Name extends EventName<P>>(
  client: Client<P>,
  name: Name,
  listener: (payload: EventContent<P, Name>) => void,
): void {
  const latest = useRef(listener);
  // Before the effects of any component, so that none of them gets an older one.
  useInsertionEffect(() => {
    latest.current = listener;
  });
  useEffect(() => client.on(name, (payload) => latest.current(payload)), [client, name]);
}
