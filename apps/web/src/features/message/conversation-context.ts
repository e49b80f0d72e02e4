import type { Message } from "@multichat/protocol";
import { createContext, useContext } from "react";
import type { RoomPermissions } from "../../policies/message-policy.ts";

/** What the rows of one conversation have in common. The same object for as long as nothing of it changes. */
export interface ConversationContextValue {
  /** The room's id and number. */
  readonly roomId: string;
  readonly number: number;
  readonly roomPermissions: RoomPermissions;
  readonly reply: (message: Message) => void;
  /** Adds one's reaction or takes it back. */
  readonly react: (message: Message, emoji: string, on: boolean) => void;
  /** Shows what can be done with a message, beside what was pressed for it. */
  readonly openPopup: (message: Message, what: "menu" | "reactions", beside: Element) => void;
}

export const ConversationContext = createContext<ConversationContextValue | null>(null);

export function useConversation(): ConversationContextValue {
  const place = useContext(ConversationContext);
  if (place === null) throw new Error("expected to be drawn within a conversation; put a PlaceContext above");
  return place;
}
