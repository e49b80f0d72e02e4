import { createClient, indexedDbStorage, type Readable, type RoomStore, type TimelineItem } from "@multichat/client";
import { useEffect, useSyncExternalStore } from "react";

export const client = createClient({ storage: indexedDbStorage() });
client.connect();

const useReadable = <T,>(readable: Readable<T>): T => useSyncExternalStore(readable.subscribe, readable.get);

export function Conversation({ room }: { room: RoomStore }) {
  useEffect(() => room.open(), [room]);
  const { items, status, hasBefore, loadingBefore } = useReadable(room);
  // If loading fails, its button stays for another try.
  return (
    <ol aria-busy={status === "loading"}>
      {hasBefore && (
        <button type="button" disabled={loadingBefore} onClick={() => room.loadBefore().catch(() => {})}>
          Older
        </button>
      )}
      {items.map((item) => (
        <Item key={item.key} room={room} item={item} />
      ))}
    </ol>
  );
}

function Item({ room, item }: { room: RoomStore; item: TimelineItem }) {
  switch (item.kind) {
    case "message":
      return <li>{`${item.message.author?.username}: ${item.message.body}`}</li>;
    case "gap":
      return (
        <li>
          <button type="button" onClick={() => room.loadGap(item).catch(() => {})}>
            Load missing messages
          </button>
        </li>
      );
    case "event":
      return <li>{item.event.on}</li>;
    case "pending":
      return <li data-state={item.pending.state}>{item.pending.body}</li>;
  }
}
