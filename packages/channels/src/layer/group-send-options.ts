import { checkOptions } from "../options.ts";
import type { GroupSendOptions } from "./channel-layer.ts";
import { checkChannelName } from "./names.ts";

/** Returns the channel that does not get a message. @throws InvalidName; InvalidOption for an option that is not known. */
export function exceptOf(options: GroupSendOptions): string | undefined {
  checkOptions<GroupSendOptions>(options, { except: true });
  const { except } = options;
  if (except !== undefined) checkChannelName(except);
  return except;
}
