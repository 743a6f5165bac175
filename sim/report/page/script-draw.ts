/**
 * The page's script, third part: draws everything on the canvas.
 */

/** Defines `draw`. */
export const DRAW_SCRIPT = String.raw`
const canvas = byId('chart');
const context = canvas.getContext('2d');
let colors = {};

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = ['paper', 'raised', 'line', 'faint', 'ink', 'muted', 'accent', 'bad', 'good', 'cut',
    'clog', 'fault', 'down', 'pause', 'side-0', 'side-1', 'side-2', 'side-3', ...data.families];
  colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue('--' + name).trim()]));
}

/** The same client has the same colour everywhere. */
function holderColor(holder, lightness) {
  const match = /c(\d+)/.exec(holder);
  const hue = match === null ? 0 : (Number(match[1]) * 137) % 360;
  const dark = document.documentElement.dataset.theme === 'dark';
  return 'hsl(' + hue + ' 58% ' + (lightness ?? (dark ? 42 : 68)) + '%)';
}

function write(words, px, py, color, align = 'left', font = '12px system-ui, sans-serif') {
  context.font = font;
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.fillStyle = color;
  context.fillText(words, px, py);
}

/** Words that fit, or as many as do. */
function writeWithin(words, px, py, room, color, font = '11px system-ui, sans-serif') {
  if (room < 14) return;
  context.font = font;
  let fits = words;
  if (context.measureText(fits).width > room) {
    let length = Math.floor((room / context.measureText(words).width) * words.length) - 1;
    if (length < 2) return;
    fits = words.slice(0, length) + '…';
  }
  write(fits, px, py, color, 'left', font);
}

function box(from, to, top, height, color, least = 1) {
  const left = Math.max(GUTTER, x(from));
  const right = Math.min(width, Math.max(x(to), x(from) + least));
  if (right <= GUTTER || left >= width) return null;
  context.fillStyle = color;
  context.fillRect(left, top, right - left, height);
  return { left, right };
}

function vertical(time, top, bottom, color, thickness = 1, dash = []) {
  const px = Math.round(x(time)) + 0.5;
  if (px < GUTTER || px > width) return;
  context.strokeStyle = color;
  context.lineWidth = thickness;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(px, top);
  context.lineTo(px, bottom);
  context.stroke();
  context.setLineDash([]);
}

const STEPS = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((scale) => digit * scale)).sort((a, b) => a - b);

function drawAxis() {
  const least = ((view.to - view.from) / (width - GUTTER)) * 90;
  const step = STEPS.find((one) => one >= least) ?? 1e9;
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step)));
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    vertical(time, layout.axis + 14, layout.height, colors.faint);
    write((time / 1e6).toFixed(digits) + ' s', x(time), layout.axis + 8, colors.muted, 'center', '11px system-ui, sans-serif');
  }
}

function spanColor(kind) {
  if (kind === 'cut' || kind === 'flap' || kind === 'break' || kind === 'loss') return colors.cut;
  if (kind === 'clog' || kind === 'delay' || kind === 'capacity' || kind === 'old-letters') return colors.clog;
  if (kind === 'pause' || kind === 'suspend' || kind === 'client-pause') return colors.pause;
  return kind === 'crash' || kind === 'shutdown' || kind === 'lose-directory' ? colors.down : colors.fault;
}

function drawFaults() {
  if (spans.length > 0) write('faults', 12, layout.faults + 8, colors.muted);
  spans.forEach((span, index) => {
    const top = layout.faults + spanRows[index] * FAULT;
    context.globalAlpha = 0.85;
    const drawn = box(span.fromUs, span.toUs, top, FAULT - 3, spanColor(span.kind), 3);
    context.globalAlpha = 1;
    if (drawn) writeWithin(span.text, drawn.left + 4, top + (FAULT - 2) / 2, drawn.right - drawn.left - 6, '#fff', (FAULT > 12 ? 11 : 9) + 'px system-ui, sans-serif');
  });
}

function hatch(left, right, top, height, color) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let px = left - height - (left % 8); px < right; px += 8) {
    context.moveTo(px, top + height);
    context.lineTo(px + height, top);
  }
  context.stroke();
  context.restore();
}

/** Slower links are told among the faults only: lanes under them would be all of one grey. */
const UNSHADED = ['delay', 'capacity', 'loss', 'old-letters', 'slow-sync', 'rate'];

/** Partitions take the colour of their side, machines that are down are filled, others hatched. */
function drawShades() {
  for (const span of spans) {
    if (UNSHADED.includes(span.kind)) continue;
    span.lanes.forEach((lane, index) => {
      const { top, height } = layout.lanes[lane];
      const side = span.sides[index];
      if (side !== undefined && (span.kind === 'cut' || span.kind === 'clog' || span.kind === 'flap')) {
        box(span.fromUs, span.toUs, top + 1, height - 2, colors['side-' + (side % 4)]);
        return;
      }
      const isDown = ['crash', 'shutdown', 'lose-directory', 'disk-full'].includes(span.kind);
      context.globalAlpha = isDown ? 0.5 : 0.08;
      const drawn = box(span.fromUs, span.toUs, top + 1, height - 2, spanColor(span.kind), 2);
      context.globalAlpha = 1;
      if (!drawn) return;
      if (!isDown) hatch(drawn.left, drawn.right, top + 1, height - 2, spanColor(span.kind));
      writeWithin(isDown ? 'down' : span.kind, drawn.left + 4, top + 9, drawn.right - drawn.left - 6, isDown ? '#fff' : colors.muted);
    });
  }
}

function drawLanes() {
  data.lanes.forEach((name, lane) => {
    const { top, height, middle } = layout.lanes[lane];
    const isChosen = lane === cursor.lane;
    if (isChosen) {
      context.fillStyle = colors.faint;
      context.fillRect(0, top, GUTTER, height);
    }
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(GUTTER, Math.round(middle) + 0.5);
    context.lineTo(width, Math.round(middle) + 0.5);
    context.stroke();
    const isPeer = lane < data.peers;
    write(name, 12, middle, isChosen ? colors.accent : colors.ink, 'left', (isPeer ? '600 14px' : '12px') + ' system-ui, sans-serif');
    const voter = isPeer && lane < data.plan.voters ? 'voter' : isPeer ? 'no voter' : 'client';
    if (isPeer) write(voter, 44, middle, colors.muted, 'left', '11px system-ui, sans-serif');
  });
}

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
  const end = data.fates[fate] === 'heard' || data.fates[fate] === 'refused' ? goal : start + (goal - start) * 0.6;
  return { x1: x(sentUs), y1: start, x2: x(endUs), y2: end, isLost };
}

function drawLetters() {
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
  const taken = [];
  for (const letter of shown) drawLabel(letter, taken);
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
  const kinds = text(letter[6]).split('\n').map((line) => line.split(' ')[0]);
  if (letter[5] === data.families.indexOf('client')) return text(letter[6]).split('\n')[0].slice(0, 40);
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count > 1 ? kind + ' ×' + count : kind)).join(' ');
}

/** Where there is room: a label over another helps nobody. */
function drawLabel(letter, taken) {
  const { x1, y1, x2, y2 } = ends(letter);
  const [px, py] = [(x1 + x2) / 2, (y1 + y2) / 2];
  if (px < GUTTER) return;
  const words = kindsOf(letter);
  context.font = '10px system-ui, sans-serif';
  const room = context.measureText(words).width;
  const isFree = taken.every((one) => Math.abs(one.py - py) > 12 || one.px + one.room + 6 < px || px + room + 6 < one.px);
  if (!isFree) return;
  taken.push({ px, py, room });
  context.globalAlpha = 0.86;
  context.fillStyle = colors.paper;
  context.fillRect(px + 3, py - 6, room + 4, 12);
  context.globalAlpha = 1;
  write(words, px + 5, py, colors[data.families[letter[5]]], 'left', '10px system-ui, sans-serif');
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

function draw() {
  const ratio = window.devicePixelRatio || 1;
  width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = layout.height * ratio;
  canvas.style.height = layout.height + 'px';
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colors.paper;
  context.fillRect(0, 0, width, layout.height);
  drawAxis();
  context.save();
  context.beginPath();
  context.rect(GUTTER, layout.axis + 16, width - GUTTER, layout.height);
  context.clip();
  drawShades();
  context.restore();
  drawLanes();
  context.save();
  context.beginPath();
  context.rect(GUTTER, layout.faults, width - GUTTER, layout.height);
  context.clip();
  drawLetters();
  drawEvents();
  context.restore();
  drawFaults();
  for (const lock of layout.locks) drawLock(lock);
  drawClocks();
  for (const { at } of data.violations) vertical(at, layout.axis + 14, layout.height, colors.bad, 2);
  const event = data.events[cursor.event];
  if (event) vertical(event[0], layout.axis + 14, layout.height, colors.accent, 1.5, [5, 3]);
  drawGlance();
}

let isDrawPlanned = false;
function drawSoon() {
  if (isDrawPlanned) return;
  isDrawPlanned = true;
  requestAnimationFrame(() => {
    isDrawPlanned = false;
    draw();
  });
}
`;
