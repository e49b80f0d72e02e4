import { createClient } from "@multichat/channels-client";
import { type UsedSubscription, useCall, useConnection, useReady, useSubscription } from "@multichat/react";
import { Suspense, useRef, useState } from "react";
import type { chat } from "./chat-protocol.ts"; // type-only import: no schema code ends up in your bundle

const client = createClient<typeof chat>({ url: "/ws/chat" }); // once, outside of every component

export function Room({ room }: { room: string }) {
  const [texts, setTexts] = useState<string[]>([]);
  const position = useRef(0);
  const add = ({ seq, from, text }: { seq: number; from: string; text: string }) => {
    if (seq <= position.current) return;
    position.current = seq;
    setTexts((before) => [...before, `${from}: ${text}`]);
  };
  const joined = useSubscription(client, "room.join", () => ({ room, since: position.current }), {
    key: room,
    onReply: ({ missed }) => missed.forEach(add),
    on: {
      "message.posted": (message) => {
        if (message.room === room) add(message);
      },
    },
    leave: () => client.call("room.leave", { room }),
  });
  return (
    <main>
      <Status />
      {joined.phase === "ended" ? (
        <p role="alert">{String(joined.error)}</p>
      ) : (
        <Suspense fallback={<p>Joining …</p>}>
          <Topic joined={joined} />
          <ol>
            {texts.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ol>
          <Composer room={room} />
        </Suspense>
      )}
    </main>
  );
}

function Topic({ joined }: { joined: UsedSubscription<{ topic: string }> }) {
  return <h1>{useReady(joined).topic}</h1>;
}

function Status() {
  const { phase } = useConnection(client);
  return phase === "open" ? null : <p role="status">Connecting …</p>;
}

function Composer({ room }: { room: string }) {
  const send = useCall(client, "message.send");
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send.call({ room, text });
        setText("");
      }}
    >
      <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit" disabled={send.isPending}>
        Send
      </button>
      {client.isCommandError(send.error, "ROOM_ACCESS_DENIED") && <p role="alert">{send.error.message}</p>}
    </form>
  );
}
