import type { Message } from "@multichat/protocol";
import type { Account } from "./account.ts";
import type { Fixture } from "./chat-server.ts";
import { PASSWORD } from "./fixture.ts";

/** The users and rooms that the screenshots show. */
export const SCREENSHOT_FIXTURE: Fixture = {
  users: [
    { username: "maren", password: PASSWORD, staff: true, superuser: true },
    { username: "tomas", password: PASSWORD, staff: true },
    { username: "yuki", password: PASSWORD },
    { username: "amara", password: PASSWORD },
    { username: "leila", password: PASSWORD },
    { username: "olek", password: PASSWORD },
  ],
  rooms: [
    { title: "Town square" },
    { title: "Bicycle workshop" },
    { title: "Organisers", staffOnly: true },
    { title: "Choir" },
    { title: "Lost and found" },
    { title: "جيران الحي" },
  ],
};

/** The messages of each room, by its number: [username, body]. */
const CONVERSATIONS: Readonly<Record<number, readonly (readonly [string, string])[]>> = {
  1: [
    ["maren", "Good morning! The market hall is ours on Saturday from nine. Who can help to put up tables?"],
    ["olek", "I can, until noon."],
    ["amara", "Me too, and my brother. He has a van."],
    ["maren", "Wonderful. A van solves half of it."],
    [
      "yuki",
      "I would bring the soup again, if anyone can lend me a big pot. Mine holds twelve litres and that was gone by eleven last time.",
    ],
    ["leila", "There is a 30 litre one in the school kitchen. I will ask Mrs Brandt."],
    ["yuki", "You are a treasure!"],
    [
      "tomas",
      "The forecast says rain from three: https://weather.example/saturday\nI would put the children's corner inside.",
    ],
    ["maren", "Inside it is. @olek, could you bring the long cable?"],
    ["olek", "Already in the boot."],
    ["amara", "What about the posters? I have twenty left."],
    ["tomas", "Library, bakery, both bus stops. I take the bus stops."],
    ["leila", "Library and bakery, on my way home today."],
    ["maren", "Then we have everything. See you at nine!"],
  ],
  2: [
    ["olek", "Someone left a green 26 inch wheel here yesterday. The rim is fine, two spokes are gone."],
    ["yuki", "That is mine! I was too tired to wait."],
    ["olek", "It is done. Your hub needed grease as well."],
    ["yuki", "Thank you! I will bring cake."],
    ["amara", "Open on Thursday as always?"],
    ["olek", "From five to eight. We have inner tubes again, all sizes."],
  ],
  4: [
    ["leila", "We start with the second verse tonight, the altos wanted to go over it once more."],
    ["amara", "The altos are grateful."],
  ],
  5: [["tomas", "A child's blue scarf, found near the fountain. It waits at the library."]],
  6: [["leila", "صباح الخير! من يستطيع المساعدة يوم السبت؟"]],
};

type AccountOf = (username: string) => Account;

/** Posts all conversations and returns the messages by their bodies. */
export async function postConversations(accountOf: AccountOf): Promise<ReadonlyMap<string, Message>> {
  const messages = new Map<string, Message>();
  for (const [room, lines] of Object.entries(CONVERSATIONS)) {
    for (const [username, body] of lines) messages.set(body, await accountOf(username).post(Number(room), body));
  }
  return messages;
}

/** Adds members, reactions, pins, edits and the like: a sample of everything that a room can show. */
export async function addActivity(accountOf: AccountOf, messages: ReadonlyMap<string, Message>): Promise<void> {
  const find = (beginning: string): Message => {
    const found = [...messages].find(([body]) => body.startsWith(beginning))?.[1];
    if (found === undefined) throw new Error(`expected a message that begins with "${beginning}"`);
    return found;
  };
  const react = (message: Message, emoji: string, ...people: readonly string[]) =>
    Promise.all(
      people.map((name) => accountOf(name).command("reaction.add", { room: message.room, message: message.id, emoji })),
    );
  for (const room of [1, 2]) {
    for (const name of ["maren", "yuki", "olek", "amara"]) await accountOf(name).command("member.add", { room });
  }
  await accountOf("tomas").command("member.change", { room: 2, user: "olek", role: "moderator" });

  const morning = find("Good morning!");
  await accountOf("maren").command("message.pin", { room: 1, message: morning.id });
  await accountOf("maren").command("message.pin", { room: 1, message: find("Library, bakery").id });
  await react(morning, "👍", "olek", "amara", "yuki");
  await react(find("Then we have everything"), "🎉", "yuki", "amara", "leila", "tomas");
  await react(find("Then we have everything"), "🍲", "olek", "maren");
  const posters = find("Library and bakery");
  await accountOf("leila").command("message.edit", { room: 1, message: posters.id, body: `**${posters.body}**` });
  await accountOf("olek").post(
    1,
    "The pot is in the hall already, it was lighter than I feared.",
    find("There is a 30 litre").id,
  );
  const slip = await accountOf("tomas").post(1, "sory, wrong room");
  await accountOf("tomas").command("message.delete", { room: 1, message: slip.id });
  await accountOf("yuki").post(
    1,
    "@amara, @maren: what is still missing\n\n- bread, **two** loaves\n- `12` bowls\n- someone who sings",
  );

  await accountOf("maren").createRoom({
    title: "The surprise",
    topic: "For Tomas, who knows nothing of it",
    private: true,
  });
  const { room } = await accountOf("leila").command("direct.open", { user: "amara" });
  await accountOf("leila").post(room.number, "Do you have the music for tonight?");
  await accountOf("amara").post(room.number, "All of it, copied and in order.");
  await accountOf("leila").post(room.number, "See you at the library at six, then.");
  await accountOf("amara").command("presence.set", { status: "busy", text: "Copying music until five" });
}
