// The names of emoji that bots and MA tools use. A name that is not here is shown as it was written.
const KNOWN = {
  '+1': '👍', '-1': '👎', alarm_clock: '⏰', arrow_right: '➡️', arrows_counterclockwise: '🔄', bangbang: '‼️', bar_chart: '📊',
  bell: '🔔', black_circle: '⚫', bow: '🙇', briefcase: '💼', bulb: '💡', bust_in_silhouette: '👤', calendar: '📅',
  chart_with_downwards_trend: '📉', chart_with_upwards_trend: '📈', clap: '👏', clipboard: '📋', clock3: '🕒', dart: '🎯',
  email: '✉️', envelope: '✉️', eyes: '👀', fire: '🔥', gear: '⚙️', green_heart: '💚', hand: '✋', handshake: '🤝', heart: '❤️',
  heavy_check_mark: '✔️', hourglass: '⌛', hourglass_flowing_sand: '⏳', inbox_tray: '📥', information_source: 'ℹ️',
  jp: '🇯🇵', large_blue_circle: '🔵', large_green_circle: '🟢', large_purple_circle: '🟣', large_yellow_circle: '🟡', link: '🔗',
  lock: '🔒', mag: '🔍', mega: '📣', memo: '📝', moneybag: '💰', no_entry: '⛔', office: '🏢', ok_hand: '👌', outbox_tray: '📤',
  partying_face: '🥳', pencil: '📝', phone: '☎️', pray: '🙏', pushpin: '📌', question: '❓', raised_hands: '🙌', red_circle: '🔴',
  robot_face: '🤖', rocket: '🚀', rotating_light: '🚨', seedling: '🌱', slightly_smiling_face: '🙂', smile: '😄', sos: '🆘',
  sparkles: '✨', star: '⭐', star2: '🌟', sunny: '☀️', tada: '🎉', telephone_receiver: '📞', thumbsup: '👍', timer_clock: '⏲️',
  trophy: '🏆', warning: '⚠️', wave: '👋', white_check_mark: '✅', white_circle: '⚪', x: '❌', zap: '⚡', zzz: '💤',
};

export const emoji = (name) => (Object.hasOwn(KNOWN, name) ? KNOWN[name] : null);
