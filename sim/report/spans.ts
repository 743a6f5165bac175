/**
 * A plan's faults as the page shades them: on which lanes, for how long, and what splits from what;
 * and its wishes to change the voters.
 *
 * Owns how links that fail together become sides of a partition. Draws nothing.
 */
import { describeFault, servedMachines } from '../injector.ts';
import { machineName } from '../names.ts';
import type { Direction, Fault, Plan, PlannedWish } from '../plan.ts';
import { everyLink } from '../shapes.ts';
import { describeWish } from '../wishes.ts';
import type { Span } from './recording.ts';

const MS = 1_000;
/** A fault of a moment is drawn so wide (µs): it could not be seen otherwise. */
const MOMENT_US = 20_000;
/** Longer lists of links are counted, not listed. */
const LINKS_LISTED_MAX = 4;

/** All faults and wishes of a plan, and what stays cut after them until `endUs`. */
export function spansOf(plan: Plan, endUs: number): Span[] {
  const faults = plan.faults.map((fault) => spanOf(plan, fault));
  const spans = [...faults, ...(plan.wishes ?? []).map(wishSpan)];
  const uncut = plan.heal.kind === 'all' ? null : healSpan(plan, endUs);
  return [...spans, ...(uncut === null ? [] : [uncut])].filter(({ fromUs }) => fromUs <= endUs);
}

function spanOf(plan: Plan, fault: Fault): Span {
  const fromUs = Math.min(fault.at, plan.faultsMs) * MS;
  const lastsUs = 'for' in fault ? fault.for * MS : MOMENT_US;
  const toUs = Math.max(fromUs, Math.min(fromUs + lastsUs, plan.faultsMs * MS));
  const base = { kind: fault.kind, fromUs, toUs };
  if ('links' in fault) return { ...base, ...linked(plan, fault.kind, fault.links) };
  const sides: number[] = [];
  if ('between' in fault)
    return { ...base, lanes: fault.between, sides, text: describeFault(fault) };
  if ('machine' in fault) {
    return { ...base, lanes: [fault.machine], sides, text: describeFault(fault) };
  }
  return { ...base, lanes: [plan.machines + fault.client], sides, text: describeFault(fault) };
}

function wishSpan({ at, machine, change }: PlannedWish): Span {
  const fromUs = at * MS;
  const text = `${machineName(machine)}: ${describeWish(change)}`;
  return { kind: 'wish', lanes: [machine], sides: [], fromUs, toUs: fromUs + MOMENT_US, text };
}

/** What the heal leaves cut. */
function healSpan(plan: Plan, endUs: number): Span {
  const served = servedMachines(plan);
  const { heal } = plan;
  const whole = ([from, to]: Direction): boolean =>
    heal.kind === 'star'
      ? from === heal.center || to === heal.center
      : served.includes(from) && served.includes(to);
  const links = everyLink(plan.machines).filter((link) => !whole(link));
  return {
    kind: 'cut',
    fromUs: plan.faultsMs * MS,
    toUs: endUs,
    ...linked(plan, 'stays cut', links),
  };
}

function linked(plan: Plan, kind: string, links: readonly Direction[]) {
  const lanes = Array.from({ length: plan.machines }, (_, index) => index).filter((index) =>
    links.some((link) => link.includes(index)),
  );
  const groups = sidesOf(lanes, links);
  const isSplit = groups.length > 1;
  const text = isSplit
    ? `${kind} ${groups.map((group) => group.map(machineName).join(' ')).join(' | ')}`
    : `${kind} ${listLinks(links)}`;
  const sides = isSplit
    ? lanes.map((lane) => groups.findIndex((group) => group.includes(lane)))
    : [];
  return { lanes, sides, text };
}

function listLinks(links: readonly Direction[]): string {
  if (links.length > LINKS_LISTED_MAX) return `${links.length} links`;
  return links.map(([from, to]) => `${machineName(from)}→${machineName(to)}`).join(' ');
}

/**
 * Groups of the machines that the links touch, of which none reaches another group by itself,
 * either way. Whoever is not touched may be a bridge between them.
 */
function sidesOf(touched: readonly number[], links: readonly Direction[]): number[][] {
  const failed = new Set(links.map(([from, to]) => `${from} ${to}`));
  const groupOf = new Map(touched.map((index) => [index, index]));
  for (const from of touched) {
    for (const to of touched) {
      if (from === to || (failed.has(`${from} ${to}`) && failed.has(`${to} ${from}`))) continue;
      const [old, kept] = [groupOf.get(to)!, groupOf.get(from)!];
      for (const [index, group] of groupOf) if (group === old) groupOf.set(index, kept);
    }
  }
  const groups = new Set(groupOf.values());
  return [...groups].map((group) => touched.filter((index) => groupOf.get(index) === group));
}
