/** A group of emoji: a sign, and the words that find it, first its name. */
export interface EmojiGroup {
  name: string;
  emoji: readonly (readonly [sign: string, words: string])[];
}

// One line a group: "sign words; sign words". Written by hand: the ones people use.
const SOURCE: readonly (readonly [string, string])[] = [
  [
    'Smileys',
    '😀 grinning happy smile;😃 smile open happy;😄 laugh smile eyes;😁 beaming grin;😆 laughing squint;😅 sweat smile relief phew;🤣 rolling laughing rofl;😂 tears joy laugh lol;🙂 slight smile;🙃 upside down silly;😉 wink;😊 blush smile;😇 angel innocent halo;🥰 hearts love adore;😍 heart eyes love;🤩 star struck wow;😘 kiss;😗 kissing;😋 yum tasty;😛 tongue;😜 wink tongue joke;🤪 zany crazy;😝 squint tongue;🤑 money;🤗 hug;🤭 giggle oops;🤫 shush quiet secret;🤔 thinking hmm;🫡 salute yes;🤐 zipper mouth;🤨 raised eyebrow doubt;😐 neutral;😑 expressionless;😶 no mouth;🫥 dotted invisible;😏 smirk;😒 unamused;🙄 eye roll;😬 grimace awkward;😮‍💨 exhale sigh relief;🤥 lying;😌 relieved calm;😔 pensive sad;😪 sleepy;🤤 drool;😴 sleep tired;😷 mask ill;🤒 fever sick;🤕 hurt bandage;🤢 nausea;🤮 vomit;🤧 sneeze cold;🥵 hot;🥶 cold freezing;🥴 woozy;😵 dizzy;🤯 mind blown exploding;🤠 cowboy;🥳 party celebrate birthday;🥸 disguise;😎 cool sunglasses;🤓 nerd;🧐 monocle inspect;😕 confused;🫤 meh;😟 worried;🙁 frown;😮 open mouth wow;😯 hushed;😲 astonished;😳 flushed;🥺 pleading please;🥹 holding back tears;😦 frowning open;😨 fear;😰 anxious sweat;😥 sad relieved;😢 cry sad tear;😭 sobbing cry;😱 scream shock;😖 confounded;😞 disappointed;😓 downcast sweat;😩 weary;😫 tired;🥱 yawn bored;😤 triumph huff;😡 angry rage;😠 angry;🤬 swearing;😈 devil smile;💀 skull dead;💩 poo;🤡 clown;👻 ghost;👽 alien;🤖 robot bot;😺 cat smile;🙈 see no evil monkey;🙉 hear no evil;🙊 speak no evil',
  ],
  [
    'People',
    '👍 thumbs up yes like ok agree +1;👎 thumbs down no dislike -1;👌 ok perfect;🤌 pinched fingers;✌️ victory peace;🤞 fingers crossed luck;🫰 snap;🤟 love you;🤘 rock;🤙 call me;👈 left point;👉 right point;👆 up point this;👇 down point;☝️ index up;🫵 you;👋 wave hello bye hi;🤚 raised back hand;🖐️ hand fingers;✋ hand stop high five;🖖 vulcan spock;👏 clap applause bravo;🙌 raised hands hooray;🫶 heart hands;👐 open hands;🤲 palms up;🤝 handshake deal;🙏 please thanks pray;✍️ writing;💪 muscle strong;🦾 mechanical arm;🧠 brain;👀 eyes looking look;👁️ eye;👂 ear listen;👄 mouth;👶 baby;🧒 child;🧑 person;👩 woman;👨 man;🧓 older;🙋 raising hand me;🤷 shrug dunno;🤦 facepalm;🙅 no gesture;🙆 ok gesture;💁 tipping hand;🙇 bow sorry;🧑‍💻 technologist coder developer;🧑‍🎨 artist designer;🧑‍🚀 astronaut;🧑‍🍳 cook chef;🧑‍🔧 mechanic fix;🧑‍🏫 teacher;🕵️ detective;🥷 ninja;👷 builder construction;🦸 superhero;🧙 wizard mage;🧟 zombie;🏃 run;🚶 walk;💃 dance;🕺 dance man;🧘 meditate calm;👥 people group;👪 family',
  ],
  [
    'Hearts and signs',
    '❤️ heart love red;🧡 orange heart;💛 yellow heart;💚 green heart;💙 blue heart;💜 purple heart;🖤 black heart;🤍 white heart;🤎 brown heart;💔 broken heart;❤️‍🔥 heart fire;💕 two hearts;💖 sparkling heart;💯 hundred perfect;✅ check done yes tick;☑️ checkbox;✔️ check mark;❌ cross no wrong;❎ cross box;➕ plus add;➖ minus;❓ question;❔ question white;❗ exclamation important;‼️ double exclamation;⁉️ interrobang;⚠️ warning;🚫 prohibited no;⛔ no entry;🛑 stop;♻️ recycle;🔁 repeat;🔄 refresh;🆕 new;🆗 ok;🆒 cool;🆘 sos help;ℹ️ info;🔴 red circle;🟠 orange circle;🟡 yellow circle;🟢 green circle;🔵 blue circle;🟣 purple circle;⚫ black circle;⚪ white circle;🔶 orange diamond;🔔 bell;🔕 bell off mute;💤 sleep zzz;💬 speech talk;💭 thought;🗯️ anger speech;♾️ infinity;➡️ right arrow;⬅️ left arrow;⬆️ up arrow;⬇️ down arrow;1️⃣ one;2️⃣ two;3️⃣ three;🔝 top',
  ],
  [
    'Celebration and play',
    '🎉 tada party celebrate hooray;🎊 confetti;🎈 balloon;🎂 cake birthday;🎁 gift present;🏆 trophy win;🥇 gold first;🥈 silver second;🥉 bronze third;🏅 medal;🎯 target bullseye goal;🎮 game;🎲 dice;🧩 puzzle;♟️ chess;🎨 art paint design;🎬 film clapper;🎤 microphone;🎧 headphones;🎵 music note;🎶 music notes;🎸 guitar;🎹 piano;🥁 drum;🎺 trumpet;⚽ football soccer;🏀 basketball;🏈 american football;⚾ baseball;🎾 tennis;🏐 volleyball;🏓 table tennis ping pong;🥊 boxing;⛷️ ski;🏄 surf;🏊 swim;🚴 bike cycling;🎄 christmas tree;🎃 halloween pumpkin;🎆 fireworks;✨ sparkles shiny new',
  ],
  [
    'Animals and nature',
    '🐶 dog;🐱 cat;🐭 mouse;🐹 hamster;🐰 rabbit;🦊 fox;🐻 bear;🐼 panda;🐨 koala;🐯 tiger;🦁 lion;🐮 cow;🐷 pig;🐸 frog;🐵 monkey;🐔 chicken;🐧 penguin;🐦 bird;🦆 duck;🦉 owl;🦄 unicorn;🐝 bee;🐛 bug;🦋 butterfly;🐌 snail slow;🐞 ladybird;🐢 turtle slow;🐍 snake python;🦖 dinosaur;🐙 octopus;🦀 crab rust;🐠 fish;🐬 dolphin;🐳 whale docker;🦈 shark;🐘 elephant postgres;🦒 giraffe;🐑 sheep;🦙 llama;🌵 cactus;🌲 tree;🌳 tree;🌴 palm holiday;🌱 seedling grow;🍀 clover luck;🌸 blossom;🌹 rose;🌻 sunflower;🍄 mushroom;🌍 earth world;🌙 moon;⭐ star;🌟 glowing star;☀️ sun;⛅ cloud sun;☁️ cloud;🌧️ rain;⛈️ storm;❄️ snow;⛄ snowman;🌈 rainbow;🔥 fire hot lit;💧 drop water;🌊 wave sea;⚡ lightning fast',
  ],
  [
    'Food and drink',
    '🍎 apple;🍊 orange;🍋 lemon;🍌 banana;🍉 melon;🍇 grapes;🍓 strawberry;🍒 cherry;🍑 peach;🥭 mango;🍍 pineapple;🥥 coconut;🥝 kiwi;🍅 tomato;🥑 avocado;🥦 broccoli;🥕 carrot;🌽 corn;🌶️ chili hot;🥐 croissant;🍞 bread;🥨 pretzel;🧀 cheese;🥚 egg;🍳 breakfast;🥞 pancakes;🥓 bacon;🍔 burger;🍟 fries;🍕 pizza;🌭 hot dog;🌮 taco;🌯 burrito;🥗 salad;🍝 pasta;🍜 noodles;🍣 sushi;🍛 curry;🍦 ice cream;🍩 donut;🍪 cookie;🍰 cake slice;🧁 cupcake;🍫 chocolate;🍿 popcorn;🍬 candy;☕ coffee;🍵 tea;🧃 juice;🍺 beer;🍻 cheers beers;🥂 champagne toast;🍷 wine;🍸 cocktail;🥤 drink;🧊 ice;🍽️ plate lunch',
  ],
  [
    'Travel and things',
    '🚀 rocket launch ship deploy;✈️ plane;🚁 helicopter;🚂 train;🚄 fast train;🚌 bus;🚕 taxi;🚗 car;🚲 bicycle;🛴 scooter;🚢 ship boat;⛵ sailboat;⚓ anchor;🏠 house home;🏢 office;🏥 hospital;🏖️ beach holiday;🏔️ mountain;⛺ tent;🗺️ map;🧭 compass;⏰ alarm clock;⏱️ stopwatch;⌛ hourglass wait;📅 calendar date;📆 calendar;📌 pin;📍 location;📎 paperclip;🔗 link;✂️ scissors;📝 memo note write;✏️ pencil;📚 books;📖 book;📰 news;📄 page document;📁 folder;📊 chart;📈 up chart growth;📉 down chart;📦 package box;📫 mailbox;✉️ mail;📣 megaphone;📢 loudspeaker announce;💡 idea bulb;🔦 torch;🔍 search magnifier;🔑 key;🔒 lock;🔓 unlocked;🔧 wrench fix;🔨 hammer;🛠️ tools;⚙️ gear settings;🧪 test tube;🧯 extinguisher;🩹 plaster patch;💊 pill;💻 laptop computer;🖥️ desktop;⌨️ keyboard;🖱️ mouse;💾 floppy save;💿 disc;📷 camera;📱 phone;☎️ telephone;🔋 battery;🔌 plug;💰 money;💳 card;💎 gem;👑 crown;🎩 hat;👓 glasses;🎒 backpack;☂️ umbrella;🧹 broom clean;🗑️ bin trash delete;🚧 construction wip;🚨 alarm siren incident;🚦 lights;🏁 finish flag;🚩 red flag;🏳️‍🌈 rainbow flag pride',
  ],
];

/** The emoji on offer, in groups. */
export const GROUPS: readonly EmojiGroup[] = SOURCE.map(([name, line]) => ({
  name,
  emoji: line.split(';').map(split),
}));

function split(item: string): readonly [string, string] {
  const at = item.indexOf(' ');
  return [item.slice(0, at), item.slice(at + 1)];
}

/** Emoji that have a word beginning with each word of the query; those whose name begins with it first. */
export function findEmoji(query: string, most = 64): readonly (readonly [string, string])[] {
  const wanted = query.toLowerCase().trim().split(/\s+/u).filter(Boolean);
  if (wanted.length === 0) return [];
  const all = GROUPS.flatMap((group) => group.emoji);
  const hits = all.filter(([, words]) =>
    wanted.every((want) => words.split(' ').some((word) => word.startsWith(want))),
  );
  const named = (words: string) => (words.startsWith(wanted[0]!) ? 0 : 1);
  return hits.sort((a, b) => named(a[1]) - named(b[1])).slice(0, most);
}
