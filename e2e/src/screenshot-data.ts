import type { Message } from "@multichat/protocol";
import type { Account } from "./account.ts";
import type { Fixture } from "./chat-server.ts";
import { PASSWORD } from "./fixture.ts";

/** A small town with something to say: what the screenshots show. */
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

/** What is said, room by room (by number): [who, what]. */
const CONVERSATIONS: Readonly<Record<number, readonly (readonly [string, string])[]>> = {
  1: [
    ["maren", "Good morning! The market hall is ours on Saturday from nine. Who can help to put up tables?"],
    ["olek", "I can, until noon."],
    ["amara", "Me too, and my brother. He has a van."],
    ["maren", "Wonderful. A van solves half of it."],
    [
      "yuki",
      "I would bring the soup again, if somebody lends me a big pot. Mine holds twelve litres and that was gone by eleven last time.",
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
    ["olek", "Somebody left a green 26 inch wheel here yesterday. The rim is fine, two spokes are gone."],
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

/** @returns the messages by what they say */
export async function postConversations(by: AccountOf): Promise<ReadonlyMap<string, Message>> {
  const said = new Map<string, Message>();
  for (const [room, lines] of Object.entries(CONVERSATIONS)) {
    for (const [username, body] of lines) said.set(body, await by(username).post(Number(room), body));
  }
  return said;
}

/** What people do with what was said, and where they are members: a bit of everything that there is. */
export async function addActivity(by: AccountOf, said: ReadonlyMap<string, Message>): Promise<void> {
  const find = (beginning: string): Message => {
    const found = [...said].find(([body]) => body.startsWith(beginning))?.[1];
    if (found === undefined) throw new Error(`nobody said "${beginning}"`);
    return found;
  };
  const react = (message: Message, emoji: string, ...people: readonly string[]) =>
    Promise.all(
      people.map((name) => by(name).command("reaction.add", { room: message.room, message: message.id, emoji })),
    );
  for (const room of [1, 2]) {
    for (const name of ["maren", "yuki", "olek", "amara"]) await by(name).command("member.add", { room });
  }
  await by("tomas").command("member.change", { room: 2, user: "olek", role: "moderator" });

  const morning = find("Good morning!");
  await by("maren").command("message.pin", { room: 1, message: morning.id });
  await by("maren").command("message.pin", { room: 1, message: find("Library, bakery").id });
  await react(morning, "👍", "olek", "amara", "yuki");
  await react(find("Then we have everything"), "🎉", "yuki", "amara", "leila", "tomas");
  await react(find("Then we have everything"), "🍲", "olek", "maren");
  const posters = find("Library and bakery");
  await by("leila").command("message.edit", { room: 1, message: posters.id, body: `**${posters.body}**` });
  await by("olek").post(
    1,
    "The pot is in the hall already, it was lighter than I feared.",
    find("There is a 30 litre").id,
  );
  const slip = await by("tomas").post(1, "sory, wrong room");
  await by("tomas").command("message.delete", { room: 1, message: slip.id });
  await by("yuki").post(
    1,
    "@amara, @maren: what is still missing\n\n- bread, **two** loaves\n- `12` bowls\n- somebody who sings",
  );

  await by("maren").createRoom({ title: "The surprise", topic: "For Tomas, who knows nothing of it", private: true });
  const { room } = await by("leila").command("direct.open", { user: "amara" });
  await by("leila").post(room.number, "Do you have the music for tonight?");
  await by("amara").post(room.number, "All of it, copied and in order.");
  await by("leila").post(room.number, "See you at the library at six, then.");
  await by("amara").command("presence.set", { status: "busy", text: "Copying music until five" });
}
