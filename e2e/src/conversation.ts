import type { Fixture } from "./chat-server.ts";
import { PASSWORD } from "./people.ts";

/** A small town with something to say: what the screenshots show. */
export const PLACE: Fixture = {
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
export const SAID: Readonly<Record<number, readonly (readonly [string, string])[]>> = {
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
