import type { Message } from "@multichat/protocol";
import { createContext, useContext } from "react";
import type { RoomPermissions } from "../../policies/message-policy.ts";

/** What the rows of one conversation share. The same object until one of its values changes. */
export interface ConversationContextValue {
  /** The room's id and number. */
  readonly roomId: string;
  readonly number: number;
  readonly roomPermissions: RoomPermissions;
  readonly reply: (message: Message) => void;
  /** Adds the user's reaction, or removes it. */
  readonly react: (message: Message, emoji: string, options: { readonly added: boolean }) => void;
  /** Ticks or clears the task of a message whose box is at this position of its text. */
  readonly setTask: (message: Message, position: number, options: { readonly isDone: boolean }) => void;
  /** Opens the menu, the emoji picker or the author's card of a message, beside the element that was pressed. */
  readonly openPopup: (message: Message, kind: MessagePopupKind, anchor: Element) => void;
}

export type MessagePopupKind = "menu" | "reactions" | "profile";

export const ConversationContext = createContext<ConversationContextValue | null>(null);

export function useConversation(): ConversationContextValue {
  const conversation = useContext(ConversationContext);
  if (conversation === null)
    throw new Error("expected a ConversationContext above this component, found none; render it within a conversation");
  return conversation;
}
