/**
 * The page's script, third part: draws everything on the canvas.
 */

/** Defines `draw`. */
export const DRAW_SCRIPT = `
const canvas = byId('chart');
const context = canvas.getContext('2d');
let colors = {};

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = [
    'paper',
    'raised',
    'line',
    'faint',
    'ink',
    'muted',
    'accent',
    'bad',
    'good',
    'cut',
    'clog',
    'fault',
    'down',
    'pause',
    'on-fault',
    'side-0',
    'side-1',
    'side-2',
    'side-3',
    ...data.families,
  ];
  colors = Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue('--' + name).trim()]),
  );
}

/** The same client has the same colour everywhere; a holder is 'c1', 'c1#2' or 'n3 for c1#2'. */
function holderColor(holder, lightness) {
  const name = holder.split(' ').pop().split('#')[0];
  const client = data.lanes.indexOf(name) - data.peers + 1;
  const hue = (Math.max(0, client) * 137) % 360;
  const dark = document.documentElement.dataset.theme === 'dark';
  return 'hsl(' + hue + ' 58% ' + (lightness ?? (dark ? 27 : 72)) + '%)';
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

const STEPS = [1, 2, 5]
  .flatMap((digit) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((scale) => digit * scale))
  .sort((a, b) => a - b);

function drawAxis() {
  const least = ((view.to - view.from) / (width - GUTTER)) * 90;
  const step = STEPS.find((one) => one >= least) ?? 1e9;
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step)));
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    vertical(time, layout.axis + 14, layout.height, colors.faint);
    write(
      (time / 1e6).toFixed(digits) + ' s',
      Math.min(x(time), width - 24),
      layout.axis + 8,
      colors.muted,
      'center',
      '11px system-ui, sans-serif',
    );
  }
}

function spanColor(kind) {
  if (kind === 'cut' || kind === 'flap' || kind === 'break' || kind === 'loss') return colors.cut;
  if (kind === 'clog' || kind === 'delay' || kind === 'capacity' || kind === 'old-letters')
    return colors.clog;
  if (kind === 'pause' || kind === 'suspend' || kind === 'client-pause') return colors.pause;
  if (kind === 'wish') return colors.accent;
  return kind === 'crash' || kind === 'shutdown' || kind === 'lose-directory'
    ? colors.down
    : colors.fault;
}

function drawFaults() {
  const hasWishes = spans.some(({ kind }) => kind === 'wish');
  const label = hasWishes ? 'faults, wishes' : 'faults';
  if (spans.length > 0) write(label, 12, layout.faults + 8, colors.muted);
  spans.forEach((span, index) => {
    const top = layout.faults + spanRows[index] * FAULT;
    const drawn = box(span.fromUs, span.toUs, top, FAULT - 3, spanColor(span.kind), 3);
    if (drawn) writeFault(span, index, drawn, top + (FAULT - 2) / 2);
  });
}

/** In its stretch if it fits there, else behind it, up to the next one of its row. */
function writeFault(span, index, { left, right }, middle) {
  const font = (FAULT > 12 ? 11 : 10) + 'px system-ui, sans-serif';
  context.font = font;
  if (context.measureText(span.text).width <= right - left - 6) {
    write(span.text, left + 4, middle, colors['on-fault'], 'left', font);
    return;
  }
  const next = spans.find((one, other) => other > index && spanRows[other] === spanRows[index]);
  const behind = Math.min(width, next ? x(next.fromUs) : width) - right - 8;
  if (behind > right - left - 6)
    writeWithin(span.text, right + 4, middle, behind, colors.ink, font);
  else writeWithin(span.text, left + 4, middle, right - left - 6, colors['on-fault'], font);
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

/** Told among the faults only: lanes under slower links would be all of one grey. */
const UNSHADED = ['delay', 'capacity', 'loss', 'old-letters', 'slow-sync', 'rate', 'wish'];

/** Partitions take the colour of their side, machines that are down are filled, others hatched. */
function drawShades() {
  for (const span of spans) {
    if (UNSHADED.includes(span.kind)) continue;
    span.lanes.forEach((lane, index) => {
      const { top, height } = layout.lanes[lane];
      const side = span.sides[index];
      if (
        side !== undefined &&
        (span.kind === 'cut' || span.kind === 'clog' || span.kind === 'flap')
      ) {
        box(span.fromUs, span.toUs, top + 1, height - 2, colors['side-' + (side % 4)]);
        return;
      }
      const isDown = ['crash', 'shutdown', 'lose-directory', 'disk-full'].includes(span.kind);
      context.globalAlpha = isDown ? 0.8 : 0.08;
      const drawn = box(span.fromUs, span.toUs, top + 1, height - 2, spanColor(span.kind), 2);
      context.globalAlpha = 1;
      if (!drawn) return;
      if (!isDown) hatch(drawn.left, drawn.right, top + 1, height - 2, spanColor(span.kind));
      writeWithin(
        isDown ? 'down' : span.kind,
        drawn.left + 4,
        top + 9,
        drawn.right - drawn.left - 6,
        isDown ? '#fff' : colors.ink,
      );
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
    writeWithin(
      name,
      12,
      middle,
      GUTTER - 18,
      isChosen ? colors.accent : colors.ink,
      (isPeer ? '600 14px' : '12px') + ' system-ui, sans-serif',
    );
    const voter = isVoter(lane) ? 'voter' : 'no voter';
    if (isPeer) write(voter, 44, middle, colors.muted, 'left', '11px system-ui, sans-serif');
  });
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  measureWidth();
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
  const labels = epochLabels();
  drawLetters(labels);
  drawEvents();
  drawEpochs(labels);
  context.restore();
  drawFaults();
  for (const lock of layout.locks) drawLock(lock);
  drawClocks();
  for (const { at } of data.violations)
    vertical(at, layout.axis + 14, layout.height, colors.bad, 2);
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
