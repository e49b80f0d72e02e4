import { openDirect } from "../connection/rooms.ts";
import { useRoomNavigation } from "../navigation/room-navigation.ts";
import { type Action, useAction } from "./use-action.ts";

/** Goes to the direct conversation with somebody, by id or username; it is made at the first time. */
export function useOpenDirect(onOpened?: () => void): Action<string> {
  const navigation = useRoomNavigation();
  return useAction(async (user: string) => {
    const number = await openDirect(user);
    onOpened?.();
    navigation.show(number);
  });
}
