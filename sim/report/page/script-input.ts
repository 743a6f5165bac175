/**
 * The page's script, last part: mouse, keys, the address, and the start.
 *
 * The address names what is looked at (`#at=12.5&lane=n2&from=12&to=13`, in seconds), so that a
 * moment of a run is a link.
 */

/** Starts the page. */
export const INPUT_SCRIPT = String.raw`
const SPAN_LEAST = 200;

function setView(from, to) {
  const whole = Math.max(SPAN_LEAST, data.toUs - data.fromUs);
  const span = Math.min(whole, Math.max(SPAN_LEAST, to - from));
  let start = (from + to) / 2 - span / 2;
  start = Math.max(data.fromUs, Math.min(data.toUs - span, start));
  view.from = Math.max(0, start);
  view.to = view.from + span;
  rememberInAddress();
  drawSoon();
}

function zoom(factor, around = (view.from + view.to) / 2) {
  setView(around - (around - view.from) * factor, around + (view.to - around) * factor);
}

function zoomHere() {
  const at = data.events[cursor.event]?.[0] ?? view.from;
  setView(at - 125000, at + 125000);
}

function rememberInAddress() {
  const at = data.events[cursor.event]?.[0] ?? 0;
  const words = [
    'event=' + cursor.event,
    'at=' + seconds(at),
    ...(byId('follow').checked ? [] : ['lane=' + data.lanes[cursor.lane]]),
    'from=' + (view.from / 1e6).toFixed(4),
    'to=' + (view.to / 1e6).toFixed(4),
  ];
  history.replaceState(null, '', '#' + words.join('&'));
}

/** What the address says of a number; null: nothing of use. */
function numberIn(asked, key) {
  const number = Number(asked.get(key) ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.has('theme')) document.documentElement.dataset.theme = asked.get('theme');
  readColors();
  const lane = data.lanes.indexOf(asked.get('lane'));
  const [from, to] = [numberIn(asked, 'from'), numberIn(asked, 'to')];
  if (from !== null && to !== null) setView(from * 1e6, to * 1e6);
  if (lane >= 0) {
    byId('follow').checked = false;
    cursor.lane = lane;
  }
  const [event, at] = [numberIn(asked, 'event'), numberIn(asked, 'at')];
  if (event !== null) lookAt(Math.round(event));
  else if (at !== null) lookAt(eventBefore(at * 1e6));
  else lookAt(firstLook());
}

/** Where a reader begins: at what was violated, or when the first fault or wish comes. */
function firstLook() {
  if (data.violations.length > 0) {
    const { at } = data.violations[0];
    if (!location.hash.includes('from=')) setView(at - 2000000, at + 50000);
    return eventBefore(at);
  }
  return eventBefore(spans[0]?.fromUs ?? data.fromUs);
}

function laneAt(py) {
  return layout.lanes.findIndex(({ top, height }) => py >= top && py < top + height);
}

function distance(px, py, { x1, y1, x2, y2 }) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.max(
    0,
    Math.min(1, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy || 1)),
  );
  return Math.hypot(px - x1 - along * dx, py - y1 - along * dy);
}

function letterAt(px, py) {
  let best = null;
  let least = 6;
  for (const letter of lettersShown()) {
    const away = distance(px, py, ends(letter));
    if (away < least) [best, least] = [letter, away];
  }
  return best;
}

/** What is to be said of what is under the pointer; null: nothing. */
function wordsAt(px, py) {
  const time = timeAt(px);
  if (px < GUTTER) return null;
  if (py >= layout.faults && py < layout.lanes[0].top) {
    const index = spans.findIndex(
      (span, row) =>
        span.fromUs <= time &&
        time <= span.toUs + 20000 &&
        Math.floor((py - layout.faults) / FAULT) === spanRows[row],
    );
    if (index < 0) return null;
    const span = spans[index];
    return span.text + '\nfrom ' + seconds(span.fromUs) + ' to ' + seconds(span.toUs) + ' s';
  }
  if (py < layout.lanesEnd) {
    const epoch = epochAt(px, py);
    if (epoch !== null) return epochWords(epoch);
    const letter = letterAt(px, py);
    if (letter === null) return null;
    const [from, to, sent, end, fate] = letter;
    const took =
      data.fates[fate] === 'heard'
        ? ', took ' + ((end - sent) / 1e3).toFixed(3) + ' ms'
        : ', ' + data.fates[fate];
    return (
      data.lanes[from] +
      ' → ' +
      data.lanes[to] +
      ' at ' +
      seconds(sent) +
      ' s' +
      took +
      '\n' +
      text(letter[6])
    );
  }
  for (const { lock, bars } of layout.locks) {
    const kind = Math.floor((py - bars) / BAR);
    if (kind < 0 || kind >= data.views.length) continue;
    const bar = data.bars.find(
      (one) => one[0] === kind && one[1] === lock && one[4] <= time && time <= one[5],
    );
    if (bar === undefined) return null;
    return (
      VIEW_WORDS[data.views[kind]] +
      ': ' +
      text(bar[3]) +
      ', token ' +
      bar[2] +
      ' of ' +
      data.locks[lock] +
      '\nfrom ' +
      seconds(bar[4]) +
      ' to ' +
      seconds(bar[5]) +
      ' s'
    );
  }
  return null;
}

function showTip(event) {
  const tip = byId('tip');
  const words = wordsAt(event.offsetX, event.offsetY);
  tip.hidden = words === null;
  if (words === null) return;
  tip.textContent = words;
  tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 12) + 'px';
  tip.style.top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 12) + 'px';
}

/** The event on that lane that is nearest to a time. */
function nearestEvent(lane, time) {
  const middle = firstFrom(data.events, 0, time);
  for (let away = 0; away < data.events.length; away++) {
    for (const index of [middle - away, middle + away]) {
      if (data.events[index] && (lane < 0 || data.events[index][1] === lane)) return index;
    }
  }
  return eventBefore(time);
}

function listenToMouse() {
  let drag = null;
  canvas.addEventListener(
    'wheel',
    (event) => {
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = ((view.to - view.from) * (event.deltaX || event.deltaY)) / 1000;
        setView(view.from + by, view.to + by);
      } else zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.offsetX));
      event.preventDefault();
    },
    { passive: false },
  );
  canvas.addEventListener('pointerdown', (event) => {
    drag = {
      px: event.offsetX,
      from: view.from,
      to: view.to,
      moved: false,
      glance: event.offsetY < GLANCE,
    };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag === null) {
      showTip(event);
      return;
    }
    if (Math.abs(event.offsetX - drag.px) > 3) drag.moved = true;
    if (drag.glance) centre(wholeTimeAt(event.offsetX));
    else if (drag.moved) {
      const by = ((drag.px - event.offsetX) / (width - GUTTER)) * (drag.to - drag.from);
      setView(drag.from + by, drag.to + by);
    }
  });
  canvas.addEventListener('pointerup', (event) => {
    const was = drag;
    drag = null;
    if (was?.glance) centre(wholeTimeAt(event.offsetX));
    else if (was !== null && !was.moved) clicked(event.offsetX, event.offsetY);
  });
  canvas.addEventListener('pointerleave', () => {
    byId('tip').hidden = true;
  });
}

function centre(time) {
  const half = (view.to - view.from) / 2;
  setView(time - half, time + half);
}

function clicked(px, py) {
  const lane = laneAt(py);
  if (px < GUTTER && lane >= 0) {
    byId('follow').checked = false;
    chooseLane(lane);
    return;
  }
  if (lane >= 0) cursor.lane = lane;
  lookAt(nearestEvent(lane, timeAt(px)));
}

function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowLeft: () => lookAt(cursor.event - 1, true),
      ArrowRight: () => lookAt(cursor.event + 1, true),
      '+': () => zoom(0.6),
      '=': () => zoom(0.6),
      '-': () => zoom(1.6),
      0: () => setView(data.fromUs, data.toUs),
      z: zoomHere,
    };
    const act = keys[event.key];
    if (act === undefined) return;
    act();
    event.preventDefault();
  });
}

function listenToButtons() {
  byId('zoom-in').addEventListener('click', () => zoom(0.6));
  byId('zoom-out').addEventListener('click', () => zoom(1.6));
  byId('zoom-all').addEventListener('click', () => setView(data.fromUs, data.toUs));
  byId('zoom-here').addEventListener('click', zoomHere);
  byId('previous').addEventListener('click', () => lookAt(cursor.event - 1, true));
  byId('next').addEventListener('click', () => lookAt(cursor.event + 1, true));
  byId('range').addEventListener('input', (event) => lookAt(Number(event.target.value), true));
  byId('follow').addEventListener('change', () => lookAt(cursor.event));
  byId('theme').addEventListener('click', () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    readColors();
    drawSoon();
  });
}

const FAMILY_WORDS = {
  vote: 'votes',
  lock: 'locks',
  session: 'sessions',
  lease: 'leases',
  client: 'clients',
};

function fillFamilies() {
  data.families.forEach((family, number) => {
    const toggle = element('button', undefined, {
      class: 'toggle',
      type: 'button',
      'aria-pressed': String(!hiddenFamilies.has(number)),
    });
    const line = element('i');
    line.style.background = 'var(--' + family + ')';
    toggle.append(line, FAMILY_WORDS[family]);
    toggle.addEventListener('click', () => {
      if (!hiddenFamilies.delete(number)) hiddenFamilies.add(number);
      toggle.setAttribute('aria-pressed', String(!hiddenFamilies.has(number)));
      drawSoon();
    });
    byId('families').append(toggle);
  });
}

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)').matches;
document.documentElement.dataset.theme = prefersDark ? 'dark' : 'light';
byId('range').max = String(Math.max(0, data.events.length - 1));
measureWidth();
fillHeader();
fillFamilies();
readAddress();
listenToMouse();
listenToKeys();
listenToButtons();
window.addEventListener('resize', drawSoon);
window.addEventListener('hashchange', readAddress);
draw();
`;
