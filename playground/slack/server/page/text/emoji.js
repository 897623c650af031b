// The short names that people and bots write most, as Unicode.

const NAMES = `smile😄 smiley😃 grin😁 laughing😆 joy😂 rofl🤣 wink😉 blush😊 heart_eyes😍 thinking_face🤔 thinking🤔 neutral_face😐
sweat_smile😅 sob😭 cry😢 scream😱 angry😠 sunglasses😎 tada🎉 confetti_ball🎊 wave👋 +1👍 thumbsup👍 -1👎 thumbsdown👎 clap👏 pray🙏
raised_hands🙌 muscle💪 ok_hand👌 point_right👉 point_left👈 point_up☝️ point_down👇 eyes👀 brain🧠 heart❤️ broken_heart💔 fire🔥
sparkles✨ star⭐ star2🌟 zap⚡ boom💥 rocket🚀 100💯 white_check_mark✅ heavy_check_mark✔️ ballot_box_with_check☑️ x❌
heavy_multiplication_x✖️ warning⚠️ no_entry⛔ no_entry_sign🚫 octagonal_sign🛑 stop_button⏹️ black_square_for_stop⏹️ question❓
grey_question❔ exclamation❗ bangbang‼️ information_source ℹ️ bulb💡 bell🔔 no_bell🔕 mute🔇 speech_balloon💬 thought_balloon💭
bar_chart📊 chart_with_upwards_trend📈 chart_with_downwards_trend📉 chart💹 memo📝 pencil✏️ pencil2✏️ clipboard📋 page_facing_up📄
page_with_curl📃 open_file_folder📂 file_folder📁 card_index_dividers🗂️ card_file_box🗃️ paperclip📎 link🔗 pushpin📌 round_pushpin📍
mag🔍 mag_right🔎 lock🔒 unlock🔓 key🔑 gear⚙️ wrench🔧 hammer_and_wrench🛠️ robot_face🤖 computer💻 floppy_disk💾 package📦
hourglass⌛ hourglass_flowing_sand⏳ stopwatch⏱️ alarm_clock⏰ calendar📅 date📅 moneybag💰 dollar💵 yen💴 credit_card💳 shopping_trolley🛒
arrow_up⬆️ arrow_down⬇️ arrow_right➡️ arrow_left⬅️ arrow_upper_right↗️ arrow_lower_right↘️ arrows_counterclockwise🔄 repeat🔁
large_green_circle🟢 large_yellow_circle🟡 red_circle🔴 large_blue_circle🔵 white_circle⚪ black_circle⚫ small_blue_diamond🔹
earth_americas🌎 earth_asia🌏 earth_africa🌍 jp🇯🇵 us🇺🇸 gb🇬🇧 coffee☕ pizza🍕 cake🍰 trophy🏆 dart🎯
test_tube🧪 microscope🔬 telescope🔭 seedling🌱 snowflake❄️ sunny☀️ umbrella☔ wastebasket🗑️ scissors✂️ art🎨 musical_note🎵 shrug🤷 facepalm🤦
see_no_evil🙈 bow🙇 handshake🤝 email📧 inbox_tray📥 outbox_tray📤 label🏷️ bookmark🔖 books📚 book📖 newspaper📰 abacus🧮 triangular_ruler📐`;

const TABLE = new Map();
for (const word of NAMES.replace("information_source ", "information_source").split(/\s+/)) {
  const match = /^([+-]?[a-z_]+\d?|[+-]1|100)(\P{ASCII}.*)$/u.exec(word);
  if (match) TABLE.set(match[1], match[2]);
}

/** The emoji of a short name ("bar_chart"), or null. Skin tones are ignored. */
export function emoji(name) {
  return TABLE.get(name.replace(/::skin-tone-\d$/, "")) ?? null;
}

/** What the picker offers. */
export const PICKER =
  `+1 eyes white_check_mark tada heart raised_hands fire rocket thinking_face joy bar_chart chart_with_upwards_trend
memo bulb 100 pray clap wave x -1`.split(/\s+/);
