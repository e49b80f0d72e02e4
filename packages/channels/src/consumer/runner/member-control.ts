import { ChannelsError } from "../../errors.ts";
import type { MemberControl } from "../../layer/channel-layer.ts";
import { isUser, MAX_USER_LENGTH } from "../../layer/control/control-messages.ts";

/** What of a runner the control of its connection uses. */
interface ControlledRunner {
  close(code: number, reason: string): void;
  groupAdd(group: string): Promise<void>;
  groupDiscard(group: string): Promise<void>;
}

/** Returns what `GroupControl` may do with a connection (L20 to L22). `onError` gets what `findUser` throws. */
export function memberControl(
  runner: ControlledRunner,
  findUser: () => string | undefined,
  onError: (error: unknown) => void,
): MemberControl {
  return {
    user() {
      try {
        const user = findUser();
        if (user === undefined || isUser(user)) return user;
        throw new ChannelsError("InvalidOption", {
          option: "memberUser()",
          expected: `undefined or a text of 1 to ${MAX_USER_LENGTH} characters`,
          got: user,
        });
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
    disconnect: (code, reason) => runner.close(code, reason),
    async move(from, to) {
      await runner.groupAdd(to);
      await runner.groupDiscard(from);
    },
  };
}
