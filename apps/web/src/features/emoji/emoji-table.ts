/** An emoji and its names; the first one is shown. */
export interface Emoji {
  readonly emoji: string;
  readonly names: readonly string[];
}

/** The emoji that people react with most, in the order in which they are offered. */
export const COMMON_EMOJI = "👍 ❤️ 😂 🎉 😮 😢 🙏 👀 🔥 ✅ ❌ 👏 💯 🚀 🤔 😍 😊 😅 😎 🙌 💪 👋 👎 ☕".split(" ");

/** The names by which people type the most frequent emoji, one emoji per line; those of the catalog come after them. */
const TABLE = `
👍 thumbs_up +1 yes like
👎 thumbs_down -1 no
❤️ heart love
🧡 orange_heart
💛 yellow_heart
💚 green_heart
💙 blue_heart
💜 purple_heart
🖤 black_heart
🤍 white_heart
💔 broken_heart
😂 joy tears_of_joy lol
🤣 rofl rolling_laughing
😀 grinning
😃 smiley
😄 smile
😁 grin beaming
😆 laughing
😅 sweat_smile
😊 blush
🙂 slight_smile
🙃 upside_down
😉 wink
😌 relieved
😍 heart_eyes
🥰 smiling_hearts
😘 kiss
😋 yum
😛 tongue
😜 winking_tongue
🤪 zany
😎 sunglasses cool
🤓 nerd
🧐 monocle
🤩 star_struck
🥳 partying
😏 smirk
😒 unamused
😞 disappointed
😔 pensive
😟 worried
😕 confused
🙁 slight_frown
😣 persevere
😖 confounded
😫 tired
😩 weary
🥺 pleading
😢 cry
😭 sob
😤 triumph
😠 angry
😡 rage
🤬 swearing
🤯 mind_blown
😳 flushed
🥵 hot_face
🥶 cold_face
😱 scream
😨 fearful
😰 anxious
😥 sad_relieved
😓 sweat
🤗 hug
🤔 thinking
🤭 giggle
🤫 shush
🤥 lying
😶 no_mouth
😐 neutral
😑 expressionless
😬 grimacing
🙄 eye_roll
😮 open_mouth wow
😲 astonished
🥱 yawn
😴 sleeping
🤤 drooling
😪 sleepy
😵 dizzy_face
🤐 zipped
🤢 nauseated
🤮 vomiting
🤧 sneezing
😷 mask
🤒 thermometer_face
🤕 bandaged
🤠 cowboy
😈 smiling_imp
👻 ghost
💀 skull
👽 alien
🤖 robot
💩 poop
🎃 pumpkin
👋 wave hello
🤚 raised_back_of_hand
✋ raised_hand
🖖 vulcan
👌 ok_hand
🤏 pinch
✌️ victory peace
🤞 fingers_crossed
🤟 love_you
🤘 metal
🤙 call_me
👈 point_left
👉 point_right
👆 point_up
👇 point_down
☝️ index_up
✊ fist
👊 punch
👏 clap
🙌 raised_hands
👐 open_hands
🤲 palms_up
🤝 handshake deal
🙏 pray thanks please
✍️ writing
💪 muscle strong
🧠 brain
👀 eyes look
👁️ eye
🗣️ speaking
🤷 shrug
🤦 facepalm
🙋 raising_hand
🙇 bow
💁 info_desk
🙅 no_good
🙆 ok_person
🏃 running
🚶 walking
💃 dancer
🕺 man_dancing
🧘 lotus
👨‍💻 technologist
👩‍💻 woman_technologist
🎉 tada party congratulations
🎊 confetti
🎈 balloon
🎂 birthday cake
🎁 gift
🏆 trophy
🥇 gold_medal
🥈 silver_medal
🥉 bronze_medal
🏅 medal
⭐ star
🌟 glowing_star
✨ sparkles
💫 dizzy
🔥 fire hot
💥 boom
💯 hundred 100
✅ check done
☑️ ballot_check
✔️ check_mark
❌ cross wrong
❎ cross_button
❓ question
❗ exclamation
⚠️ warning
🚫 prohibited
⛔ no_entry
🛑 stop
🚧 construction
♻️ recycle
🔒 lock
🔓 unlock
🔑 key
🔔 bell
🔕 no_bell
📌 pushpin pin
📎 paperclip
🔗 link
📝 memo note
📅 calendar
📈 chart_up
📉 chart_down
📊 bar_chart
📦 package
📬 mailbox
✉️ envelope mail
📧 email
📞 phone
📱 mobile
💻 laptop computer
🖥️ desktop
⌨️ keyboard
🖨️ printer
💾 floppy save
🗑️ wastebasket trash
🔍 mag search
🔧 wrench
🔨 hammer
🛠️ tools
⚙️ gear
🧪 test_tube
🔬 microscope
🐛 bug
🚀 rocket ship_it
✈️ airplane
🚗 car
🚲 bike bicycle
🚆 train
🚌 bus
🏠 house home
🏢 office
🏥 hospital
🏫 school
⏰ alarm
⏳ hourglass
⌛ hourglass_done
🕐 one_o_clock
☀️ sun
🌤️ sun_cloud
☁️ cloud
🌧️ rain
⛈️ storm
❄️ snowflake
⛄ snowman
🌈 rainbow
🌙 moon
🌍 earth
🌊 ocean
🌱 seedling
🌳 tree
🌲 evergreen
🌵 cactus
🌷 tulip
🌹 rose
🌻 sunflower
🍀 clover luck
🍁 maple_leaf
🐶 dog
🐱 cat
🐭 mouse
🐰 rabbit
🦊 fox
🐻 bear
🐼 panda
🐨 koala
🐯 tiger
🦁 lion
🐮 cow
🐷 pig
🐸 frog
🐵 monkey
🙈 see_no_evil
🙉 hear_no_evil
🙊 speak_no_evil
🐔 chicken
🐧 penguin
🦆 duck
🦉 owl
🐝 bee
🦋 butterfly
🐌 snail
🐢 turtle
🐍 snake
🐙 octopus
🐳 whale
🐬 dolphin
🐟 fish
🦄 unicorn
🐴 horse
🐘 elephant
🍎 apple
🍊 orange
🍋 lemon
🍌 banana
🍉 watermelon
🍇 grapes
🍓 strawberry
🍒 cherries
🍑 peach
🥑 avocado
🍅 tomato
🥕 carrot
🌽 corn
🌶️ pepper
🥔 potato
🍞 bread
🥐 croissant
🧀 cheese
🥚 egg
🍳 cooking
🥞 pancakes
🍔 burger
🍟 fries
🍕 pizza
🌭 hotdog
🌮 taco
🥗 salad
🍝 spaghetti
🍜 noodles
🍣 sushi
🍪 cookie
🍫 chocolate
🍩 doughnut
🍰 shortcake
🍿 popcorn
☕ coffee
🍵 tea
🥛 milk
🍺 beer
🍻 beers cheers
🥂 clinking
🍷 wine
⚽ soccer football
🏀 basketball
🎾 tennis
🏓 ping_pong
🎯 dart target
🎮 game
🎲 dice
🧩 puzzle
🎨 art
🎵 music
🎶 notes
🎸 guitar
🎹 piano
🎤 microphone
🎧 headphones
🎬 clapper
📷 camera
📚 books
📖 book
💡 idea bulb
🔋 battery
💰 money_bag
💸 money_wings
💵 dollar
💶 euro
💎 gem
⚖️ scales
🧹 broom
🧼 soap
💊 pill
🩹 bandage
🧯 extinguisher
🏁 finish_flag
🚩 red_flag
🏳️‍🌈 rainbow_flag
➕ plus
➖ minus
➡️ arrow_right
⬅️ arrow_left
⬆️ arrow_up
⬇️ arrow_down
🔄 refresh
🔴 red_circle
🟠 orange_circle
🟡 yellow_circle
🟢 green_circle
🔵 blue_circle
⚫ black_circle
⚪ white_circle
💬 speech
💭 thought
💤 zzz
💦 droplets
🆗 ok
🆕 new
🆘 sos
`;

export const EMOJI: readonly Emoji[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [emoji = "", ...names] = line.split(" ");
    return { emoji, names };
  });
