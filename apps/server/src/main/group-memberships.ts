import type { OpenConnections } from "../consumers/connection/open-connections.ts";
import { PROCESSES } from "../fan-out/chat-groups.ts";
import { GroupListener } from "../fan-out/group-listener.ts";
import type { LayerProbe } from "../fan-out/layer-probe.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import type { Chat } from "./chat.ts";

/** A quarter of the time after which a layer expires a membership that is not renewed. */
const RENEWAL_INTERVAL_MS = 6 * 3_600_000;

export interface GroupOptions {
  readonly probe: LayerProbe;
  readonly connections: OpenConnections;
  readonly cleanup: CleanupStack;
}

/** Joins the groups of the process itself, and renews its memberships and those of its connections before they expire. */
export async function joinProcessGroups(
  { layer, logger }: Chat,
  { probe, connections, cleanup }: GroupOptions,
): Promise<void> {
  const processes = await GroupListener.open(layer, {
    name: "processes",
    groups: [PROCESSES],
    // The gate has read it already.
    onMessage: () => {},
  });
  const listeners = [await probe.listen(), processes];
  cleanup.defer(async () => {
    for (const listener of listeners) await listener.close();
  });
  const timer = setInterval(() => {
    void connections.renewGroups();
    for (const listener of listeners) {
      listener.renew().catch((err: unknown) => logger.error({ err }, "failed to renew a group membership"));
    }
  }, RENEWAL_INTERVAL_MS);
  cleanup.defer(async () => clearInterval(timer));
}
