/**
 * The page's script, second part: where everything is.
 *
 * From the top: the run at a glance, the time axis, the faults, a lane for each peer and client,
 * four rows and the queue for each lock, and the clocks.
 */

/** Defines `layout`, `measureWidth`, `x`, `timeAt`, `laneY` and the rows of faults. */
export const LAYOUT_SCRIPT = `
const GUTTER = 128;
const GLANCE = 36;
const AXIS = 22;
const BAR = 15;
const QUEUE = 26;
const CLOCKS = 84;
const LOCKS_SHOWN = 8;

/** Overlapping stretches get rows of their own; returns the row of each. */
function stack(stretches) {
  const ends = [];
  return stretches.map(({ fromUs, toUs }) => {
    let row = ends.findIndex((end) => end <= fromUs);
    if (row < 0) row = ends.length;
    ends[row] = toUs;
    return row;
  });
}

const spans = [...data.spans].sort((a, b) => a.fromUs - b.fromUs);
const spanRows = stack(spans);
const FAULT = Math.max(0, ...spanRows) > 6 ? 12 : 16;

const layout = (() => {
  const clients = data.lanes.length - data.peers;
  const peerHeight = data.peers > 5 ? 32 : 60;
  const clientHeight = clients > 5 ? 16 : 22;
  let top = GLANCE + 6;
  const axis = top;
  top += AXIS;
  const faults = top;
  top += FAULT * (spans.length === 0 ? 0 : Math.max(...spanRows) + 1) + 6;
  const lanes = [];
  for (let lane = 0; lane < data.lanes.length; lane++) {
    const height = lane < data.peers ? peerHeight : clientHeight;
    lanes.push({ top, height, middle: top + height / 2 });
    top += height;
  }
  const lanesEnd = top;
  const busy = new Map();
  for (const bar of data.bars) busy.set(bar[1], (busy.get(bar[1]) ?? 0) + 1);
  const shown = [...busy.keys()].sort((a, b) => busy.get(b) - busy.get(a)).slice(0, LOCKS_SHOWN);
  top += 8;
  const locks = shown
    .sort((a, b) => a - b)
    .map((lock) => {
      const at = top;
      top += 20 + BAR * data.views.length + QUEUE + 10;
      return { lock, top: at, bars: at + 20, queue: at + 20 + BAR * data.views.length };
    });
  const clocks = top + 20;
  top += 20 + CLOCKS + 12;
  return {
    axis,
    faults,
    lanes,
    lanesEnd,
    locks,
    hidden: busy.size - shown.length,
    clocks,
    height: top,
  };
})();

let width = 1000;
/** In a window that is hidden, or closed to a slit, there is no width to draw in. */
function measureWidth() {
  width = Math.max(GUTTER + 200, canvas.clientWidth);
}
const x = (time) => GUTTER + ((time - view.from) / (view.to - view.from)) * (width - GUTTER - 10);
const timeAt = (px) =>
  view.from + ((px - GUTTER) / (width - GUTTER - 10)) * (view.to - view.from);
const wholeX = (time) =>
  GUTTER + ((time - data.fromUs) / Math.max(1, data.toUs - data.fromUs)) * (width - GUTTER - 10);
const wholeTimeAt = (px) =>
  data.fromUs + ((px - GUTTER) / (width - GUTTER - 10)) * (data.toUs - data.fromUs);
`;
