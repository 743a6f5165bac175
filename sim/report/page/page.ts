/**
 * Puts the page together: markup, style, script and the recording, in one file.
 *
 * Owns the markup, and that nothing in the recording can end the element it is embedded in. The
 * page loads nothing: it works offline and can be sent around.
 */
import type { Recording } from '../recording.ts';
import { FAMILIES, FATES, VIEWS } from '../recording.ts';
import { DRAW_SCRIPT } from './script-draw.ts';
import { EPOCHS_SCRIPT } from './script-epochs.ts';
import { INPUT_SCRIPT } from './script-input.ts';
import { LAYOUT_SCRIPT } from './script-layout.ts';
import { LETTERS_SCRIPT } from './script-letters.ts';
import { MODEL_SCRIPT } from './script-model.ts';
import { PANEL_SCRIPT } from './script-panel.ts';
import { ROWS_SCRIPT } from './script-rows.ts';
import { STYLE } from './style.ts';
import { LEGEND_STYLE } from './style-legend.ts';

const PARTS = [
  MODEL_SCRIPT,
  LAYOUT_SCRIPT,
  DRAW_SCRIPT,
  EPOCHS_SCRIPT,
  LETTERS_SCRIPT,
  ROWS_SCRIPT,
  PANEL_SCRIPT,
  INPUT_SCRIPT,
];

/** The script of the page, in the order in which its parts build upon each other. */
export const SCRIPT = `(() => {
'use strict';
${PARTS.join('\n')}
})();`;

/** The whole page. */
export function pageOf(recording: Recording): string {
  const { plan } = recording;
  const data = JSON.stringify({ ...recording, families: FAMILIES, fates: FATES, views: VIEWS });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>elock sim · ${escapeText(plan.scenario ?? 'swarm')} · seed ${plan.seed}</title>
<style>${STYLE}${LEGEND_STYLE}</style>
</head>
<body>
${BODY}
<script type="application/json" id="data">${data.replaceAll('<', '\\u003c')}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const BODY = `<header>
  <div class="title"><h1 id="title"></h1><span id="verdict" class="badge"></span></div>
  <p id="facts"></p>
  <div id="violations"></div>
  <p id="left-out" class="note"></p>
</header>
<nav>
  <span id="families" class="group"></span>
  <span class="group">
    <button type="button" id="zoom-out" title="zoom out (−)">−</button>
    <button type="button" id="zoom-in" title="zoom in (+)">+</button>
    <button type="button" id="zoom-all" title="everything (0)">all</button>
    <button type="button" id="zoom-here" title="a quarter second around the cursor (z)">here</button>
  </span>
  <details id="legend">
    <summary>legend</summary>
    <ul>
      <li><i class="letter"></i>a letter, from its sending to its arrival, in its family's colour</li>
      <li><i class="lost"></i>✕ a letter that never arrived, or was refused</li>
      <li><i class="learns"></i>a peer learns of an epoch, and votes there</li>
      <li><i class="learns none"></i>a peer learns of an epoch, and does not vote there</li>
      <li><i class="serves"></i>a voter takes part in an epoch</li>
      <li><i class="side"></i><i class="side other"></i>the sides of a partition</li>
      <li><i class="down"></i>a machine that is down</li>
      <li><i class="hatched"></i>a machine that stands still, or whose links are not whole</li>
      <li><i class="cursor"></i>the event that is looked at</li>
      <li><i class="violation-mark"></i>a violation</li>
      <li><b>#7 c2#1</b>token 7, held by the first session of client 2</li>
      <li><b>wheel</b>zooms</li>
      <li><b>drag</b>moves</li>
      <li><b>click</b>looks at that moment, or at that lane</li>
      <li><b>← →</b>one event back or on</li>
      <li><b>+ − 0 z</b>nearer, farther, everything, a quarter second</li>
    </ul>
  </details>
  <span class="hint">wheel: zoom · drag: move · click: look at that moment · ← → one event</span>
  <button type="button" id="theme" title="light or dark">◐</button>
</nav>
<main id="scroll"><canvas id="chart"></canvas></main>
<section id="scrubber">
  <button type="button" id="previous" title="event before (←)">◀</button>
  <button type="button" id="next" title="event after (→)">▶</button>
  <input type="range" id="range" min="0" value="0" aria-label="event">
  <output id="moment"></output>
</section>
<section id="panel">
  <div class="column"><h2 id="event-title"></h2><pre id="event-hears"></pre><pre id="event-does"></pre></div>
  <div class="column wide">
    <div id="tabs"></div>
    <label class="follow"><input type="checkbox" id="follow" checked> follow the event</label>
    <table id="state"></table>
  </div>
</section>
<div id="tip" hidden></div>`;
