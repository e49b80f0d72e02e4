import type { Target, TargetName } from "./target.ts";
import { backupTarget } from "./targets/backup-target.ts";
import { httpTarget } from "./targets/http-target.ts";
import { layerTarget } from "./targets/layer-target.ts";
import { markupTarget } from "./targets/markup-target.ts";
import { codecTarget, commandsTarget, dataFileTarget, namesTarget, searchTarget } from "./targets/pure-targets.ts";
import { chatSocketTarget, classicSocketTarget } from "./targets/socket-targets.ts";

const FACTORIES: Readonly<Record<TargetName, () => Target | Promise<Target>>> = {
  markup: markupTarget,
  search: searchTarget,
  commands: commandsTarget,
  names: namesTarget,
  codec: codecTarget,
  "data-file": dataFileTarget,
  "chat-socket": chatSocketTarget,
  "classic-socket": classicSocketTarget,
  http: httpTarget,
  layer: () => {
    const { MULTICHAT_TEST_REDIS_URL } = process.env;
    if (MULTICHAT_TEST_REDIS_URL === undefined) {
      throw new Error("Expected a Redis for the target layer: start with npm run fuzz, which brings one.");
    }
    return layerTarget(MULTICHAT_TEST_REDIS_URL);
  },
  backup: backupTarget,
};

/** @throws without the service that the target needs */
export async function openTarget(name: TargetName): Promise<Target> {
  return FACTORIES[name]();
}
