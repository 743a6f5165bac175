/**
 * How the page looks, in light and in dark; the script reads its colours from here.
 */

/** The style sheet. */
export const STYLE = `
:root {
  color-scheme: light;
  --paper: #fbfbf9;
  --raised: #ffffff;
  --line: #dcdcd4;
  --faint: #ecece6;
  --ink: #1d2126;
  --muted: #5f656d;
  --accent: #0b62c4;
  --bad: #c8102e;
  --good: #1b7f3b;
  --vote: #3a6fd8;
  --lock: #0d8a6a;
  --session: #8a4fd0;
  --lease: #737a84;
  --client: #9a5f06;
  --side-0: #4c8bf526;
  --side-1: #f0883326;
  --side-2: #35a85826;
  --side-3: #b05fd626;
  --cut: #c63a55;
  --clog: #8a661f;
  --fault: #7a5aab;
  --down: #3d434b;
  --pause: #3f73b3;
  --on-fault: #ffffff;
}
:root[data-theme='dark'] {
  color-scheme: dark;
  --paper: #15181c;
  --raised: #1c2025;
  --line: #343a42;
  --faint: #24292f;
  --ink: #e6e8ea;
  --muted: #949ca6;
  --accent: #6cb0ff;
  --bad: #ff6b7f;
  --good: #5fd08a;
  --vote: #7ea8ff;
  --lock: #4fd1ab;
  --session: #c196ff;
  --lease: #828b96;
  --client: #eab45c;
  --side-0: #4c8bf530;
  --side-1: #f0883330;
  --side-2: #35a85830;
  --side-3: #b05fd630;
  --cut: #ff7188;
  --clog: #d9ad5f;
  --fault: #b79be0;
  --down: #59616b;
  --pause: #7fb0ec;
  --on-fault: #15181c;
}
* {
  box-sizing: border-box;
}
html,
body {
  height: 100%;
  margin: 0;
}
body {
  display: grid;
  grid-template-rows: auto auto minmax(0, 1fr) auto minmax(180px, 27vh);
  background: var(--paper);
  color: var(--ink);
  font:
    13px / 1.45 system-ui,
    -apple-system,
    'Segoe UI',
    sans-serif;
}
header {
  padding: 10px 16px 4px;
}
.title {
  display: flex;
  align-items: center;
  gap: 12px;
}
h1 {
  font-size: 18px;
  margin: 0;
  font-weight: 650;
}
h2 {
  font-size: 13px;
  margin: 0 0 6px;
  font-weight: 650;
}
p {
  margin: 2px 0;
  color: var(--muted);
}
.note {
  font-style: italic;
}
.note:empty {
  display: none;
}
.badge {
  border-radius: 99px;
  padding: 1px 10px;
  font-weight: 600;
  color: var(--on-fault);
  background: var(--good);
}
.badge.bad {
  background: var(--bad);
}
.violation {
  display: block;
  width: 100%;
  margin: 4px 0;
  padding: 5px 10px;
  text-align: left;
  border: 1px solid var(--bad);
  border-left-width: 5px;
  border-radius: 5px;
  max-height: 74px;
  overflow: auto;
  white-space: pre-wrap;
}
nav {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 18px;
  align-items: center;
  padding: 4px 16px;
  border-bottom: 1px solid var(--line);
}
.group {
  display: flex;
  gap: 5px;
  align-items: center;
}
#violations {
  max-height: 108px;
  overflow: auto;
}
.hint {
  color: var(--muted);
  flex: 1;
}
@media (max-width: 1100px) {
  .hint {
    visibility: hidden;
    height: 1.45em;
    overflow: hidden;
  }
}
button {
  font: inherit;
  color: inherit;
  cursor: pointer;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: 5px;
  padding: 2px 9px;
}
button:hover {
  border-color: var(--accent);
}
button:focus-visible,
input:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 1px;
}
.toggle {
  display: inline-flex;
  gap: 6px;
  align-items: center;
}
.toggle i {
  width: 14px;
  height: 3px;
  border-radius: 2px;
}
.toggle[aria-pressed='false'] {
  opacity: 0.65;
  text-decoration: line-through;
}
main {
  overflow-y: auto;
  overflow-x: hidden;
  position: relative;
}
canvas {
  display: block;
  width: 100%;
  cursor: crosshair;
}
#scrubber {
  display: flex;
  gap: 8px;
  align-items: center;
  padding: 6px 16px;
  background: var(--raised);
  border-top: 1px solid var(--line);
  border-bottom: 1px solid var(--line);
}
#scrubber input {
  flex: 1;
  accent-color: var(--accent);
}
output {
  font-variant-numeric: tabular-nums;
  min-width: 250px;
  text-align: right;
}
#panel {
  display: grid;
  grid-template-columns: minmax(280px, 2fr) 3fr;
  min-height: 0;
}
.column {
  overflow: auto;
  padding: 8px 16px;
}
.column.wide {
  border-left: 1px solid var(--line);
}
pre {
  margin: 0 0 8px;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  font:
    12px / 1.5 ui-monospace,
    Menlo,
    Consolas,
    monospace;
}
#event-does {
  color: var(--muted);
}
#tabs {
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
  margin-bottom: 6px;
  padding-right: 150px;
}
#tabs button[aria-selected='true'] {
  background: var(--accent);
  color: var(--paper);
  border-color: var(--accent);
}
.follow {
  float: right;
  margin-top: -30px;
  color: var(--muted);
}
table {
  border-collapse: collapse;
  width: 100%;
}
td {
  padding: 1px 8px 1px 0;
  vertical-align: top;
  overflow-wrap: anywhere;
  font:
    12px / 1.5 ui-monospace,
    Menlo,
    Consolas,
    monospace;
}
td:first-child {
  width: 1%;
  color: var(--muted);
  white-space: nowrap;
  max-width: 240px;
  overflow: hidden;
  text-overflow: ellipsis;
}
tr.changed td {
  background: color-mix(in srgb, var(--accent) 16%, transparent);
}
#tip {
  position: fixed;
  z-index: 2;
  max-width: 560px;
  max-height: 300px;
  overflow: hidden;
  padding: 6px 9px;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  pointer-events: none;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: 5px;
  box-shadow: 0 4px 16px #0003;
  font:
    12px / 1.45 ui-monospace,
    Menlo,
    Consolas,
    monospace;
}
`;
