/**
 * The page's script, rows below the lanes: locks with their holders and queues, the clocks, and
 * the run at a glance.
 */

/** Defines `drawLock`, `drawClocks` and `drawGlance`. */
export const ROWS_SCRIPT = `
const VIEW_WORDS = {
  voted: 'voted',
  home: 'believed (home)',
  client: 'believed (client)',
  effective: 'effective',
};

function drawLock({ lock, top, bars, queue }) {
  write(data.locks[lock], 12, top + 11, colors.ink, 'left', '600 12px system-ui, sans-serif');
  data.views.forEach((name, number) => {
    write(
      VIEW_WORDS[name],
      GUTTER - 8,
      bars + number * BAR + BAR / 2,
      colors.muted,
      'right',
      '11px system-ui, sans-serif',
    );
  });
  for (const [kind, of, token, holder, from, to] of data.bars) {
    if (of !== lock || to < view.from || from > view.to) continue;
    const rowTop = bars + kind * BAR;
    const drawn = box(from, to, rowTop + 1, BAR - 3, holderColor(text(holder)), 2);
    if (!drawn) continue;
    context.fillStyle = holderColor(text(holder), 45);
    context.fillRect(drawn.left, rowTop + 1, Math.min(2, drawn.right - drawn.left), BAR - 3);
    writeWithin(
      '#' + token + ' ' + text(holder),
      drawn.left + 4,
      rowTop + BAR / 2,
      drawn.right - drawn.left - 6,
      colors.ink,
    );
  }
  drawQueue(lock, queue);
}

function drawQueue(lock, top) {
  const rows = data.queues.filter((row) => row[0] === lock);
  const most = Math.max(1, ...rows.map((row) => row[2]));
  const base = top + QUEUE - 3;
  const y = (length) => base - (length / most) * (QUEUE - 8);
  write(
    'queue, at most ' + (rows.length === 0 ? 0 : most),
    GUTTER - 8,
    base - 8,
    colors.muted,
    'right',
    '11px system-ui, sans-serif',
  );
  context.fillStyle = colors.accent;
  context.globalAlpha = 0.45;
  for (let index = 0; index < rows.length; index++) {
    const [, at, length] = rows[index];
    const until = rows[index + 1]?.[1] ?? data.toUs;
    if (length > 0 && until >= view.from && at <= view.to)
      box(at, until, y(length), base - y(length), colors.accent);
  }
  context.globalAlpha = 1;
}

function clockColor(lane) {
  const dark = document.documentElement.dataset.theme === 'dark';
  return 'hsl(' + (lane * 360) / data.peers + (dark ? ' 60% 62%)' : ' 75% 33%)');
}

/** Spans within others of their kind add nothing at a glance, and would make it black. */
const glanceSpans = spans.filter(
  ({ kind, fromUs, toUs }, index) =>
    !spans.some(
      (other, at) =>
        at !== index &&
        other.kind === kind &&
        other.fromUs <= fromUs &&
        other.toUs >= toUs &&
        (at < index || other.fromUs < fromUs || other.toUs > toUs),
    ),
);

function drawClocks() {
  const top = layout.clocks;
  write('clocks', 12, top - 10, colors.ink, 'left', '600 12px system-ui, sans-serif');
  write(
    'ahead of the world: monotonic solid, boot dashed, wall dotted',
    60,
    top - 10,
    colors.muted,
    'left',
    '11px system-ui, sans-serif',
  );
  const inView = data.clocks.filter((row) => row[1] >= view.from && row[1] <= view.to);
  // A wall clock may be an hour off: only what is near is drawn to scale.
  const values = inView.flatMap((row) => [row[2], row[3]]);
  const most = Math.max(5, ...values.map(Math.abs));
  const y = (ms) =>
    top + CLOCKS / 2 - (Math.max(-1.15, Math.min(1.15, ms / most)) * CLOCKS) / 2.4;
  for (const ms of [most, 0, -most]) {
    write(
      (ms > 0 ? '+' : '') + ms + ' ms',
      GUTTER - 8,
      y(ms),
      colors.muted,
      'right',
      '11px system-ui, sans-serif',
    );
    context.fillStyle = colors.faint;
    context.fillRect(GUTTER, y(ms), width - GUTTER, 1);
  }
  const styles = [[], [6, 4], [1, 3]];
  for (let lane = 0; lane < data.peers; lane++) {
    const rows = data.clocks.filter((row) => row[0] === lane);
    styles.forEach((dash, clock) => drawClock(rows, 2 + clock, dash, clockColor(lane), y));
    write(
      data.lanes[lane],
      12 + (lane % 2) * 26,
      top + 8 + Math.floor(lane / 2) * 15,
      clockColor(lane),
      'left',
      '600 11px system-ui, sans-serif',
    );
  }
}

function drawClock(rows, column, dash, color, y) {
  context.save();
  context.beginPath();
  context.rect(GUTTER, layout.clocks - 4, width - GUTTER, CLOCKS + 8);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1.3;
  context.setLineDash(dash);
  context.beginPath();
  rows.forEach((row, index) => {
    if (index === 0) context.moveTo(x(row[1]), y(row[column]));
    else context.lineTo(x(row[1]), y(row[column]));
  });
  context.stroke();
  context.restore();
}

function drawGlance() {
  const slots = new Array(Math.max(1, Math.floor((width - GUTTER - 10) / 2))).fill(0);
  const whole = Math.max(1, data.toUs - data.fromUs);
  for (const letter of data.letters) {
    if (hiddenFamilies.has(letter[5])) continue;
    const slot = Math.floor(((letter[2] - data.fromUs) / whole) * slots.length);
    if (slot >= 0 && slot < slots.length) slots[slot]++;
  }
  const most = Math.max(1, ...slots);
  for (const span of glanceSpans) {
    context.fillStyle = spanColor(span.kind);
    context.globalAlpha = 0.3;
    const left = Math.max(GUTTER, wholeX(span.fromUs));
    context.fillRect(
      left,
      4,
      Math.max(1, Math.min(width - 10, wholeX(span.toUs)) - left),
      GLANCE - 6,
    );
  }
  context.globalAlpha = 1;
  context.fillStyle = colors.muted;
  slots.forEach((count, slot) => {
    const height = Math.sqrt(count / most) * (GLANCE - 8);
    context.fillRect(GUTTER + slot * 2, GLANCE - 2 - height, 1.5, height);
  });
  for (const { at } of data.violations) {
    context.fillStyle = colors.bad;
    context.fillRect(wholeX(at) - 1, 2, 2, GLANCE - 2);
  }
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.5;
  context.strokeRect(
    wholeX(view.from),
    2.5,
    Math.max(3, wholeX(view.to) - wholeX(view.from)),
    GLANCE - 3,
  );
  write('the run', 12, GLANCE / 2, colors.muted);
}
`;
