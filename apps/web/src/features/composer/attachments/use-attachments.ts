import { type RefObject, useEffect, useMemo, useState } from "react";
import { useProfile } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { type Attachment, attachmentsOf, type RoomAttachments } from "../../../state/attachments/attachments.ts";
import { useStore } from "../../../state/store.ts";

export interface ComposerAttachments {
  readonly list: readonly Attachment[];
  readonly store: RoomAttachments;
  /** Whether this server takes files at all. */
  readonly areAllowed: boolean;
  /** Whether files are dragged over the room. */
  readonly isDropTarget: boolean;
  /** Why not all of the files could be attached. */
  readonly problem: string | undefined;
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: string) => void;
}

/** The files of a room's next message, which are chosen, pasted, or dropped anywhere on the room. */
export function useAttachments(roomId: string, field: RefObject<HTMLElement | null>): ComposerAttachments {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const store = useMemo(() => attachmentsOf(me.id, roomId), [me.id, roomId]);
  const list = useStore(store);
  const [isDropTarget, setIsDropTarget] = useState(false);
  const [excess, setExcess] = useState(0);
  // A server before this feature does not send the limit.
  const areAllowed = (limits.fileBytes ?? 0) > 0;

  function add(files: readonly File[]): void {
    setExcess(store.add(files, limits));
    field.current?.focus();
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: `add` reads nothing that changes but what is listed.
  useEffect(() => {
    const section = field.current?.closest("section");
    if (section == null || !areAllowed) return;
    // Entering a child comes before leaving its parent.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const onEnter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setIsDropTarget(true);
    };
    const onLeave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setIsDropTarget(false);
    };
    const onOver = (event: DragEvent) => {
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      // The page ignores files that are dropped elsewhere.
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
    };
    const onDrop = (event: DragEvent) => {
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      depth = 0;
      setIsDropTarget(false);
      add(listFiles(event.dataTransfer));
    };
    section.addEventListener("dragenter", onEnter);
    section.addEventListener("dragleave", onLeave);
    section.addEventListener("dragover", onOver);
    section.addEventListener("drop", onDrop);
    return () => {
      section.removeEventListener("dragenter", onEnter);
      section.removeEventListener("dragleave", onLeave);
      section.removeEventListener("dragover", onOver);
      section.removeEventListener("drop", onDrop);
    };
  }, [field, areAllowed, store, limits]);

  return {
    list,
    store,
    areAllowed,
    isDropTarget,
    problem: excess === 0 ? undefined : t("files.tooMany", { count: limits.filesPerMessage }),
    add,
    remove(key) {
      setExcess(0);
      store.remove(key);
      // The pressed button is gone.
      field.current?.focus();
    },
  };
}

/** Returns the files of a paste or a drop, without folders, which a browser lists as files that cannot be read. */
export function listFiles({ items, files }: DataTransfer): readonly File[] {
  const listed = [...items].flatMap((item) => {
    if (item.kind !== "file" || item.webkitGetAsEntry()?.isDirectory === true) return [];
    return item.getAsFile() ?? [];
  });
  return listed.length === 0 && items.length === 0 ? [...files] : listed;
}
