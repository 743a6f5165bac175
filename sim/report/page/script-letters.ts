/**
 * The page's script, letters and events between and on the lanes.
 */

/** Defines `lettersShown`, `drawLetters` and `drawEvents`. */
export const LETTERS_SCRIPT = String.raw`
/** The letters that are under way in what is shown. */
function lettersShown() {
  const shown = [];
  const last = firstFrom(data.letters, 2, view.to);
  for (let index = firstFrom(data.letters, 2, view.from - longestFlight); index < last; index++) {
    const letter = data.letters[index];
    if (letter[3] >= view.from && !hiddenFamilies.has(letter[5])) shown.push(letter);
  }
  return shown;
}

function ends([from, to, sentUs, endUs, fate]) {
  const start = layout.lanes[from].middle;
  const goal = layout.lanes[to].middle;
  const isLost = data.fates[fate] === 'lost' || data.fates[fate] === 'refused';
  // A letter that never arrived ends on the way.
  const end =
    data.fates[fate] === 'heard' || data.fates[fate] === 'refused'
      ? goal
      : start + (goal - start) * 0.6;
  return { x1: x(sentUs), y1: start, x2: x(endUs), y2: end, isLost };
}

/** 'taken' is where other labels are. */
function drawLetters(taken) {
  const shown = lettersShown();
  const alpha = Math.min(0.95, Math.max(0.12, 420 / shown.length));
  data.families.forEach((family, number) => {
    context.strokeStyle = colors[family];
    context.globalAlpha = alpha;
    context.lineWidth = shown.length < 300 ? 1.4 : 1;
    context.beginPath();
    for (const letter of shown) {
      if (letter[5] !== number) continue;
      const { x1, y1, x2, y2, isLost } = ends(letter);
      if (isLost) continue;
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
  });
  context.globalAlpha = 1;
  for (const letter of shown) {
    const line = ends(letter);
    if (line.isLost) drawLost(line);
    else if (shown.length < 500) drawHead(line, colors[data.families[letter[5]]]);
  }
  if (shown.length > 120) return;
  const places = [...taken];
  for (const letter of shown) drawLabel(letter, places);
}

function drawLost({ x1, y1, x2, y2 }) {
  context.strokeStyle = colors.bad;
  context.lineWidth = 1;
  context.globalAlpha = 0.7;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.beginPath();
  context.moveTo(x2 - 3.5, y2 - 3.5);
  context.lineTo(x2 + 3.5, y2 + 3.5);
  context.moveTo(x2 + 3.5, y2 - 3.5);
  context.lineTo(x2 - 3.5, y2 + 3.5);
  context.lineWidth = 1.6;
  context.stroke();
}

function drawHead({ x1, y1, x2, y2 }, color) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  context.fillStyle = color;
  context.beginPath();
  context.moveTo(x2, y2);
  context.lineTo(x2 - 7 * Math.cos(angle - 0.35), y2 - 7 * Math.sin(angle - 0.35));
  context.lineTo(x2 - 7 * Math.cos(angle + 0.35), y2 - 7 * Math.sin(angle + 0.35));
  context.fill();
}

/** What a letter says, in the words of its first lines. */
function kindsOf(letter) {
  const kinds = text(letter[6])
    .split('\n')
    .map((line) => line.split(' ')[0]);
  if (letter[5] === data.families.indexOf('client'))
    return text(letter[6]).split('\n')[0].slice(0, 40);
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count > 1 ? kind + ' ×' + count : kind)).join(' ');
}

/** Where there is room: a label over another helps nobody. */
function drawLabel(letter, taken) {
  const { x1, y1, x2, y2 } = ends(letter);
  const [middle, py] = [(x1 + x2) / 2, (y1 + y2) / 2];
  if (middle < GUTTER || middle > width) return;
  const words = kindsOf(letter);
  context.font = '10px system-ui, sans-serif';
  const room = context.measureText(words).width;
  const px = Math.min(middle, width - room - 10);
  const isFree = taken.every(
    (one) => Math.abs(one.py - py) > 12 || one.px + one.room + 6 < px || px + room + 6 < one.px,
  );
  if (!isFree) return;
  taken.push({ px, py, room });
  context.globalAlpha = 0.86;
  context.fillStyle = colors.paper;
  context.fillRect(px + 3, py - 6, room + 4, 12);
  context.globalAlpha = 1;
  write(
    words,
    px + 5,
    py,
    colors[data.families[letter[5]]],
    'left',
    '10px system-ui, sans-serif',
  );
}

/** Each event is a dot on its lane, where there is room for dots. */
function drawEvents() {
  const first = firstFrom(data.events, 0, view.from);
  const last = firstFrom(data.events, 0, view.to);
  if (last - first > 3000) return;
  context.fillStyle = colors.muted;
  for (let index = first; index < last; index++) {
    const [at, lane] = data.events[index];
    if (lane < 0) continue;
    context.fillRect(x(at) - 1, layout.lanes[lane].middle - 2, 2, 4);
  }
}
`;
