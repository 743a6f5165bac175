/**
 * The page's script, fourth part: what is written around the chart, and the scrubber's panel.
 */

/** Defines `lookAt`, `chooseLane` and fills the header. */
export const PANEL_SCRIPT = `
function element(tag, words, attributes = {}) {
  const made = document.createElement(tag);
  if (words !== undefined) made.textContent = words;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function fillHeader() {
  const { plan, violations } = data;
  byId('title').textContent =
    'elock sim · ' + (plan.scenario ?? 'swarm') + ' · seed ' + plan.seed;
  const failed = violations.length > 0;
  byId('verdict').textContent = failed
    ? [...new Set(violations.map((one) => one.invariant))].join(', ') + ' violated'
    : 'held';
  byId('verdict').classList.toggle('bad', failed);
  byId('facts').textContent = [
    plan.machines + ' peers, ' + plan.voters + ' of them voters at first',
    data.lanes.length - data.peers + ' clients',
    (data.endUs / 1e6).toFixed(2) + ' s, faults until ' + plan.faultsMs / 1e3 + ' s',
    'shown ' + (data.fromUs / 1e6).toFixed(2) + '–' + (data.toUs / 1e6).toFixed(2) + ' s',
    data.events.length + ' events, ' + data.letters.length + ' letters',
    'digest ' + data.digest,
  ].join(' · ');
  const hidden = layout.hidden > 0 ? [layout.hidden + ' less used locks are not drawn.'] : [];
  byId('left-out').textContent = [...data.leftOut, ...hidden].join(' ');
  for (const { invariant, at, detail } of violations) {
    const row = element('button', invariant + ' at ' + seconds(at) + ' s: ' + detail, {
      class: 'violation',
      type: 'button',
    });
    row.addEventListener('click', () => lookAt(eventBefore(at), true));
    byId('violations').append(row);
  }
}

function fillTabs() {
  byId('tabs').replaceChildren(
    ...data.lanes.map((name, lane) => {
      const tab = element('button', name, {
        type: 'button',
        'aria-selected': String(lane === cursor.lane),
      });
      tab.addEventListener('click', () => {
        byId('follow').checked = false;
        chooseLane(lane);
      });
      return tab;
    }),
  );
}

/** What is on disk comes last: there is most of it. */
function fillState() {
  const changed = changedAt(cursor.lane, cursor.event);
  const rank = (key) => (key.startsWith('disk ') ? 1 : 0);
  const lines = [...stateAt(cursor.lane, cursor.event)].sort(
    ([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );
  byId('state').replaceChildren(
    ...lines.map(([key, value]) => {
      const row = element('tr', undefined, changed.has(key) ? { class: 'changed' } : {});
      row.append(element('td', key, { title: key }), element('td', value));
      return row;
    }),
  );
}

function fillEvent() {
  const event = data.events[cursor.event];
  if (!event) return;
  const [at, lane, what, does] = event;
  byId('event-title').textContent =
    (lane < 0 ? 'the world' : data.lanes[lane]) + ' at ' + seconds(at) + ' s';
  byId('event-hears').textContent = text(what);
  byId('event-does').textContent = text(does);
  byId('range').value = String(cursor.event);
  byId('moment').textContent =
    'event ' + (cursor.event + 1) + ' of ' + data.events.length + ', ' + seconds(at) + ' s';
}

function chooseLane(lane) {
  cursor.lane = lane;
  fillTabs();
  fillState();
  rememberInAddress();
  drawSoon();
}

/** Moves the scrubber to an event; 'show': and the chart to where it is. */
function lookAt(event, show = false) {
  cursor.event = Math.max(0, Math.min(data.events.length - 1, event));
  const [at, lane] = data.events[cursor.event] ?? [0, -1];
  if (show && (at < view.from || at > view.to)) {
    const half = (view.to - view.from) / 2;
    setView(at - half, at + half);
  }
  fillEvent();
  chooseLane(byId('follow').checked && lane >= 0 ? lane : cursor.lane);
}
`;
