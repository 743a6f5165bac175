/**
 * How the legend looks: the marks of the chart in small.
 */

/** Its part of the style sheet. */
export const LEGEND_STYLE = `
#legend {
  position: relative;
}
#legend summary {
  cursor: pointer;
}
#legend ul {
  position: absolute;
  z-index: 2;
  margin: 6px 0 0;
  padding: 8px 14px;
  list-style: none;
  white-space: nowrap;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: 5px;
  box-shadow: 0 4px 16px #0003;
}
#legend li {
  display: flex;
  gap: 8px;
  align-items: center;
}
#legend i {
  width: 18px;
  height: 0;
  border: 0 solid var(--ink);
}
#legend .letter {
  border-top: 2px solid var(--vote);
}
#legend .lost {
  border-top: 2px dashed var(--bad);
}
#legend .learns,
#legend .serves,
#legend .cursor,
#legend .violation-mark {
  width: 0;
  height: 14px;
  margin: 0 9px;
}
#legend .learns {
  border-left: 1px dashed var(--accent);
}
#legend .learns.none {
  border-color: var(--muted);
}
#legend .serves {
  border-left: 2px solid var(--accent);
}
#legend .cursor {
  border-left: 2px dashed var(--accent);
}
#legend .violation-mark {
  border-left: 2px solid var(--bad);
}
#legend .side,
#legend .down,
#legend .hatched {
  height: 12px;
}
#legend .side {
  background: var(--side-0);
}
#legend .side.other {
  background: var(--side-1);
}
#legend .down {
  background: var(--down);
}
#legend .hatched {
  background: repeating-linear-gradient(135deg, var(--pause) 0 1px, transparent 1px 5px);
}
@media (max-width: 1100px) {
  #legend ul {
    right: 0;
  }
}
`;
