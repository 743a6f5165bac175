/**
 * The page's script, first part: the recording, and the state of any lane at any event.
 */

/** Defines `data`, `text`, `seconds`, `stateAt`, `changedAt`, `eventBefore`. */
export const MODEL_SCRIPT = `
const data = JSON.parse(document.getElementById('data').textContent);
const text = (number) => (number < 0 ? null : data.texts[number]);
const seconds = (us) => (us / 1e6).toFixed(6);
const byId = (id) => document.getElementById(id);

/** The first index whose row is not before the time; 'column' holds the time. */
function firstFrom(rows, column, time) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][column] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The latest event at that time or before it; the first if there is none. */
function eventBefore(time) {
  return Math.max(0, firstFrom(data.events, 0, time + 1) - 1);
}

const changesOf = data.lanes.map(() => []);
for (const change of data.changes) changesOf[change[1]].push(change);

/** A lane's lines at an event, as a map of texts. */
function stateAt(lane, event) {
  const lines = new Map();
  for (const [at, , key, value] of changesOf[lane]) {
    if (at > event) break;
    if (value < 0) lines.delete(text(key));
    else lines.set(text(key), text(value));
  }
  return lines;
}

/** The lines that changed at just that event. */
function changedAt(lane, event) {
  const rows = changesOf[lane];
  const keys = new Set();
  for (let row = firstFrom(rows, 0, event); row < rows.length && rows[row][0] === event; row++) {
    keys.add(text(rows[row][2]));
  }
  return keys;
}

/** How long the longest letter was under way: letters of a part may have left that much before. */
let longestFlight = 0;
for (const letter of data.letters) longestFlight = Math.max(longestFlight, letter[3] - letter[2]);

const hiddenFamilies = new Set([data.families.indexOf('lease')]);
const view = { from: data.fromUs, to: Math.max(data.toUs, data.fromUs + 1000) };
const cursor = { event: 0, lane: 0 };
`;
