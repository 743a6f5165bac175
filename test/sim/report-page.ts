/**
 * A report's page in a DOM, with its script executed, and what the run itself knew meanwhile.
 *
 * The canvas takes every drawing and keeps the words that were written on it: what a person sees of
 * a DOM without a picture. The truth is read from disks and clients, never from what was recorded.
 */
import { type HTMLInputElement, Window } from 'happy-dom';
import { describeBallot, describeRecord } from '../../sim/describe.ts';
import type { Machine } from '../../sim/machine.ts';
import type { Recorder } from '../../sim/recorder.ts';
import { pageOf } from '../../sim/report/page/page.ts';
import type { Recording } from '../../sim/report/recording.ts';
import type { World } from '../../sim/world.ts';

/** A page whose script has run. */
export class ReportPage {
  readonly window: Window;
  /** Words on the canvas since it was drawn last. */
  readonly written: string[] = [];

  constructor(recording: Recording, hash = '') {
    const window = new Window({
      url: `https://report.test/page.html${hash}`,
      settings: {
        enableJavaScriptEvaluation: true,
        suppressInsecureJavaScriptEnvironmentWarning: true,
      },
    });
    this.window = window;
    Object.assign(window.HTMLCanvasElement.prototype, { getContext: () => this.#context() });
    window.document.write(pageOf(recording));
  }

  text(id: string): string {
    return this.window.document.getElementById(id)?.textContent ?? '';
  }

  /** Moves the scrubber, as a hand does. */
  scrub(event: number): void {
    const range = this.window.document.getElementById('range') as HTMLInputElement;
    range.value = String(event);
    range.dispatchEvent(new this.window.Event('input'));
  }

  press(key: string): void {
    this.window.document.dispatchEvent(new this.window.KeyboardEvent('keydown', { key }));
  }

  /** Looks at a lane, whoever the event is about. */
  choose(lane: string): void {
    const tabs = [...this.window.document.querySelectorAll('#tabs button')];
    tabs
      .find(({ textContent }) => textContent === lane)
      ?.dispatchEvent(new this.window.Event('click'));
  }

  /** The panel's lines. */
  get state(): Map<string, string> {
    const rows = [...this.window.document.querySelectorAll('#state tr')];
    return new Map(
      rows.map((row) => {
        const [key, value] = [...row.querySelectorAll('td')].map((cell) => cell.textContent);
        return [key ?? '', value ?? ''];
      }),
    );
  }

  async close(): Promise<void> {
    await this.window.happyDOM.close();
  }

  #context(): object {
    const own = {
      measureText: (words: string) => ({ width: words.length * 6 }),
      fillText: (words: string) => this.written.push(words),
      setTransform: () => this.written.splice(0),
    };
    return new Proxy<Record<string, unknown>>(own, {
      get: (target, name) => target[String(name)] ?? (() => {}),
      set: () => true,
    });
  }
}

/** What was so at a moment: of each machine's disk, and of each client. */
export type Truth = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Notes the truth at the end of every so many moments, and hands all that it hears on. */
export class TruthTeller implements Recorder {
  readonly #inner: Recorder;
  readonly #every: number;
  #world: World | null = null;
  #moments = 0;
  #last = -1;
  /** By time (µs). */
  readonly truths = new Map<number, Truth>();

  constructor(inner: Recorder, every: number) {
    this.#inner = inner;
    this.#every = every;
  }

  begins(world: World): void {
    this.#world = world;
    this.#inner.begins(world);
  }

  noted(...told: Parameters<Recorder['noted']>): void {
    this.#inner.noted(...told);
    this.#look();
  }

  letter(...told: Parameters<Recorder['letter']>): void {
    this.#inner.letter(...told);
  }

  stepped(...told: Parameters<Recorder['stepped']>): void {
    this.#inner.stepped(...told);
    this.#look();
  }

  durable(...told: Parameters<Recorder['durable']>): void {
    this.#inner.durable(...told);
    this.#look();
  }

  #look(): void {
    const world = this.#world!;
    const { now } = world.scheduler;
    if (now !== this.#last) this.#moments++;
    this.#last = now;
    if (this.#moments % this.#every === 0) this.truths.set(now, truthOf(world));
  }
}

function truthOf({ machines, clients }: World): Truth {
  const truth = new Map<string, ReadonlyMap<string, string>>();
  for (const machine of machines) truth.set(machine.name, onDisk(machine));
  for (const { name, belief } of clients) {
    const tokens = [...belief.tokens].map(([lock, token]) => `${lock} token ${token}`);
    truth.set(name, new Map(tokens.length > 0 ? [['believes in', tokens.join(', ')]] : []));
  }
  return truth;
}

/** Locks and the epoch; sessions' names are shortened on the page. */
function onDisk({ disk }: Machine): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [name, { promised, accepted }] of disk.registers) {
    if (!name.startsWith('L')) continue;
    const told = accepted === null ? '' : `, accepted ${describeBallot(accepted.ballot)} `;
    const record = accepted === null ? '' : describeRecord(accepted.record).split(' held')[0]!;
    lines.set(`disk ${name}`, `promised ${describeBallot(promised)}${told}${record}`);
  }
  return lines;
}
