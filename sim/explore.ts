/**
 * Explores every order of events of a small world, within a scope: stateful depth-first search.
 *
 * Owns the search. Two states are one when their keys are equal: the state of every core and disk,
 * the letters in every channel, the clients, what voters accepted so far, the time, and the faults
 * left. Where a core's fields can be read its state is all of them (`explore/core-state.ts`),
 * otherwise all that it was given, in order. Either way equal keys have equal futures, for a core
 * is a function of its state and its input; so no state is passed over that another does not stand
 * for. A search that ends is exhaustive within its scope, but for collisions of 64-bit digests.
 *
 * @see Godefroid, "Model Checking for Programming Languages using VeriSoft" (1997)
 */
import { Peer } from '../src/core/peer.ts';
import type { Violation } from './checkers/verdict.ts';
import { Digest } from './digest.ts';
import type { Choice } from './explore/choice.ts';
import { openFields } from './explore/core-state.ts';
import { ExploredWorld, type Ground } from './explore/explored-world.ts';
import { LocalPeer } from './explore/local-peer.ts';
import { describeScope, type ScopeOptions, scopeOf } from './explore/scope.ts';
import { loadCopy, patched } from './mutants/load.ts';
import type { Patch } from './mutants/mutant.ts';
import type { CreatePeer } from './world.ts';

export { LADDER } from './explore/ladder.ts';
export { describeScope, type ScopeOptions, scopeOf } from './explore/scope.ts';

/** Keys beyond this are not kept: about 100 bytes each. */
const STATES_MAX = 5_000_000;
/** How often `progress` is told: after so many transitions. */
const PROGRESS_EVERY = 20_000;

/** Counts of a search. */
export interface ExploreCounts {
  /** Different states. */
  readonly states: number;
  /** Choices applied in them, those that led to a known state included. */
  readonly transitions: number;
  /** Steps that cores took: those of a peer in a state that it had been in are looked up. */
  readonly coreSteps: number;
  /** States of single peers. */
  readonly localStates: number;
  /** States in which nothing can happen but faults: from each, everybody must get on. */
  readonly quiet: number;
  /** The longest sequence of choices. */
  readonly depth: number;
}

/** How to explore. */
export interface ExploreOptions extends ScopeOptions {
  /** Default: the production core. */
  readonly createPeer?: CreatePeer;
  /** The fields of these peers can be read: see `loadReadable`. */
  readonly readable?: boolean;
  /** The search ends, incomplete, after so many states. */
  readonly statesMax?: number;
  /** Asked now and then; true ends the search, incomplete. */
  readonly isOver?: () => boolean;
  readonly progress?: (counts: ExploreCounts) => void;
}

/** What came of it. */
export interface Explored extends ExploreCounts {
  readonly scope: string;
  /** True: every state of the scope was visited, and none violates anything. */
  readonly exhausted: boolean;
  readonly violation: Violation | null;
  /** The choices that led to the violation, in words. */
  readonly path: readonly string[];
}

/** Searches a scope for a violation. */
export function explore(options: ExploreOptions = {}): Explored {
  return new Explorer(options).run();
}

/** The production core, or one with seeded bugs, as a copy whose state can be read. */
export async function loadReadable(patches: readonly Patch[] = []): Promise<CreatePeer> {
  const patch = patched(patches);
  return loadCopy((text, file) => openFields(patch(text, file), file));
}

class Explorer {
  readonly #options: ExploreOptions;
  readonly #statesMax: number;
  readonly #ground: Ground;
  readonly #known = new Set<string>();
  readonly #path: Choice[] = [];
  #transitions = 0;
  #quiet = 0;
  #depth = 0;
  #isStopped = false;
  #violation: Violation | null = null;

  constructor(options: ExploreOptions) {
    const createPeer = options.createPeer ?? ((peerOptions) => new Peer(peerOptions));
    const scope = scopeOf(options, options.readable ?? false);
    this.#options = options;
    this.#statesMax = Math.min(options.statesMax ?? STATES_MAX, STATES_MAX);
    this.#ground = { scope, peers: scope.ids.map((id) => new LocalPeer(scope, id, createPeer)) };
  }

  run(): Explored {
    this.#visit(this.#begin());
    return {
      ...this.#counts,
      scope: describeScope(this.#ground.scope),
      exhausted: !this.#isStopped && this.#violation === null,
      violation: this.#violation,
      path: this.#violation === null ? [] : this.#describePath(),
    };
  }

  #begin(): ExploredWorld {
    const world = new ExploredWorld(this.#ground);
    world.begin();
    return world;
  }

  get #counts(): ExploreCounts {
    const sum = (of: (peer: LocalPeer) => number) =>
      this.#ground.peers.reduce((total, peer) => total + of(peer), 0);
    return {
      states: this.#known.size,
      transitions: this.#transitions,
      coreSteps: sum((peer) => peer.coreSteps),
      localStates: sum((peer) => peer.states),
      quiet: this.#quiet,
      depth: this.#depth,
    };
  }

  get #isDone(): boolean {
    return this.#isStopped || this.#violation !== null;
  }

  /** Walks through all states that follow from that of a world. */
  #visit(world: ExploredWorld): void {
    if (!this.#isNew(world)) return;
    if (world.quiet) this.#getOn(world);
    for (const choice of world.choices()) {
      if (this.#isDone) return;
      this.#path.push(choice);
      this.#depth = Math.max(this.#depth, this.#path.length);
      const next = world.copy();
      this.#apply(next, (one) => one.apply(choice));
      this.#count();
      if (!this.#isDone) this.#visit(next);
      if (this.#violation === null) this.#path.pop();
    }
  }

  #isNew(world: ExploredWorld): boolean {
    const digest = new Digest();
    digest.text(world.key());
    const key = digest.toString();
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    if (this.#known.size >= this.#statesMax) this.#isStopped = true;
    return true;
  }

  #count(): void {
    this.#transitions++;
    if (this.#transitions % PROGRESS_EVERY !== 0) return;
    this.#options.progress?.(this.#counts);
    if (this.#options.isOver?.()) this.#isStopped = true;
  }

  #getOn(world: ExploredWorld): void {
    this.#quiet++;
    this.#apply(world.copy(), (one) => one.mustGetOn());
  }

  /** An assertion of the core that fails is a violation, too. */
  #apply(world: ExploredWorld, act: (world: ExploredWorld) => void): void {
    try {
      act(world);
    } catch (error) {
      world.failed(error);
    }
    this.#violation ??= world.violation;
  }

  #describePath(): string[] {
    const world = this.#begin();
    return this.#path.map((choice) => {
      const words = world.describe(choice);
      this.#apply(world, (one) => one.apply(choice));
      return words;
    });
  }
}
