import { openDirect } from "../connection/room-commands.ts";
import { useRoomNavigation } from "../navigation/room-navigation.ts";
import { type Action, useAction } from "./use-action.ts";

/** Opens the direct conversation with a user, by id or username, and creates it if needed. */
export function useOpenDirect(onOpened?: () => void): Action<string> {
  const navigation = useRoomNavigation();
  return useAction(async (user: string) => {
    const number = await openDirect(user);
    onOpened?.();
    navigation.show(number);
  });
}
