import { InMemoryPresence, InMemoryPresenceStore } from "@multichat/channels";
import { presenceContract } from "@multichat/channels/testing/contract";

const stores = new Map<string, InMemoryPresenceStore>();

presenceContract(
  "InMemoryPresence",
  ({ prefix, sharedClock, ...options }) => {
    const store = stores.get(prefix) ?? new InMemoryPresenceStore({ ...options, clock: sharedClock });
    stores.set(prefix, store);
    return new InMemoryPresence({ ...options, store });
  },
  { time: "stepped" },
);
