/**
 * One run: a world made from a plan, its two phases, and what came of it.
 *
 * Owns the order of things: machines and clients start, faults come and go, the world heals, and
 * everybody must get on. Ends at the first violation. The same plan gives the same run.
 */
import { firstConfigurationOf } from '../src/core/configuration.ts';
import { Peer } from '../src/core/peer.ts';
import { DEFAULT_SETTINGS, type Settings } from '../src/core/settings.ts';
import type { Configuration, PeerId } from '../src/core/types.ts';
import { Checkers } from './checkers/checkers.ts';
import { CONVERGED_US, checkConverged, checkWishes } from './checkers/converged.ts';
import { checkExpectations } from './checkers/expected.ts';
import { checkProgress, Storm } from './checkers/live.ts';
import { checkSettled, settlingMs } from './checkers/settled.ts';
import { type InvariantName, Verdict, type Violation } from './checkers/verdict.ts';
import { Client } from './client.ts';
import { overlapBoundUs } from './clock-oracle.ts';
import { EpochMarks } from './epochs.ts';
import { History } from './history.ts';
import { schedulePlan, servedMachines } from './injector.ts';
import { Machine } from './machine.ts';
import { Marks } from './marks.ts';
import { clusterOf, machineName, peerIdOf } from './names.ts';
import { SimulatedNetwork } from './network.ts';
import type { Plan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { FencedResource, UnguardedResource } from './resource.ts';
import { Scheduler } from './scheduler.ts';
import { Journal, type TraceSink } from './trace.ts';
import { Wishes } from './wishes.ts';
import type { CreatePeer, World } from './world.ts';

/** How to run a plan. */
export interface RunOptions {
  readonly plan: Plan;
  /** Default: the production core. */
  readonly createPeer?: CreatePeer;
  /** What counts as violated; default: every invariant. Foils claim less. */
  readonly watched?: readonly InvariantName[];
  /** Takes a line for each event; default: no trace. */
  readonly trace?: TraceSink;
  /** Hears of everything; default: nobody. */
  readonly recorder?: Recorder;
  /** Called after each second of the world (ms). */
  readonly progress?: (simulatedMs: number) => void;
}

/** What came of a run. */
export interface Result {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** 64 bits of everything that happened. */
  readonly digest: string;
  readonly events: number;
  readonly simulatedMs: number;
  /** What happened how often. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs a plan from its beginning to its end, or to the first violation. */
export function runPlan(options: RunOptions): Result {
  return new Simulation(options).run();
}

class Simulation implements World {
  readonly plan: Plan;
  readonly scheduler = new Scheduler();
  readonly journal: Journal;
  readonly network: SimulatedNetwork;
  readonly checkers: Checkers;
  readonly history: History;
  readonly resource = new FencedResource();
  readonly unguarded = new UnguardedResource();
  readonly marks = new Marks(this.scheduler);
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly createPeer: CreatePeer;
  readonly recorder: Recorder | null;
  readonly machines: readonly Machine[];
  readonly clients: readonly Client[];
  served: readonly number[];
  readonly #verdict: Verdict;
  readonly #epochs = new EpochMarks(this);
  readonly #wishes: Wishes;
  /** Where peers were found that live, or lived, there. */
  readonly #lives = new Map<PeerId, Machine>();
  readonly #progress: (simulatedMs: number) => void;

  constructor({ plan, createPeer, watched, trace, recorder, progress }: RunOptions) {
    const { scheduler } = this;
    this.plan = plan;
    this.createPeer = createPeer ?? ((peerOptions) => new Peer(peerOptions));
    this.recorder = recorder ?? null;
    this.#progress = progress ?? (() => {});
    this.journal = new Journal(scheduler, trace ?? null, this.recorder);
    this.settings = { ...DEFAULT_SETTINGS, ...plan.settings };
    const voters = indices(plan.voters)
      .map((index) => peerIdOf(index, 1))
      .sort();
    this.configuration = firstConfigurationOf(clusterOf(voters), voters, voters.length);
    this.network = new SimulatedNetwork({
      scheduler,
      journal: this.journal,
      recorder: this.recorder,
      seed: plan.seed,
      machines: plan.machines,
      delayUs: plan.delayUs,
      detectUs: plan.detectUs,
    });
    this.#verdict = new Verdict(scheduler, watched ?? null);
    const boundUs = overlapBoundUs(plan);
    this.history = new History(this.#verdict, this.settings, boundUs === 0);
    this.checkers = new Checkers(this.#verdict, {
      configuration: this.configuration,
      clients: plan.workload.clients + (plan.scripts?.length ?? 0),
      settings: this.settings,
      overlapBoundUs: boundUs,
      machineOf: (peer) => this.#machineOf(peer),
      machines: () => this.machines,
      epochs: this.#epochs,
    });
    this.#wishes = new Wishes(this, this.#verdict, this.checkers.voters);
    this.served = indices(plan.machines);
    this.machines = this.served.map((index) => new Machine(this, index));
    const { workload, scripts = [] } = plan;
    this.clients = indices(workload.clients + scripts.length).map(
      (index) => new Client(this, this.#verdict, index, scripts[index - workload.clients]),
    );
  }

  nameOf(peer: PeerId): string {
    const machine = this.#machineOf(peer);
    return machine === undefined ? peer : machineName(machine.index);
  }

  run(): Result {
    const { plan, scheduler } = this;
    const endMs = plan.faultsMs + plan.progressMs;
    try {
      this.#start();
      scheduler.run(endMs * 1_000, () => this.#verdict.failed);
      if (!this.#verdict.failed) this.history.check();
      if (!this.#verdict.failed) checkProgress(this.#verdict, this.clients);
      if (!this.#verdict.failed) this.#checkEpochs();
      if (!this.#verdict.failed) this.#checkExpectations();
      if (!this.#verdict.failed && plan.rests === true) this.#rest(endMs + settlingMs(plan));
    } catch (error) {
      this.#verdict.fail('assert', error instanceof Error ? (error.stack ?? error.message) : '');
    }
    const { violations } = this.#verdict;
    for (const { invariant, detail } of violations)
      this.journal.line('VIOLATED', '', '', `${invariant}: ${detail}`);
    return {
      plan,
      violations,
      digest: this.journal.digest,
      events: scheduler.count,
      simulatedMs: Math.floor(scheduler.now / 1_000),
      counts: this.#counts(),
    };
  }

  #start(): void {
    this.recorder?.begins(this);
    for (const machine of this.machines) machine.start();
    for (const client of this.clients) client.start();
    schedulePlan(this, () => this.#heal());
    this.#wishes.schedule();
    this.#everySecond(new Storm(this.#verdict, this.machines.length, this.clients.length));
  }

  #everySecond(storm: Storm): void {
    this.scheduler.after(1_000_000, () => {
      storm.look(this.scheduler.count);
      this.#progress(Math.floor(this.scheduler.now / 1_000));
      this.#everySecond(storm);
    });
  }

  /** From now on whoever is served must get on. */
  #heal(): void {
    this.served = servedMachines(this.plan);
    this.checkers.ordered.progressBegins();
    for (const client of this.clients) client.progressBegins();
  }

  /** Everybody goes; what they leave behind must go, too. */
  #rest(untilMs: number): void {
    for (const client of this.clients) client.retire();
    this.scheduler.run(untilMs * 1_000, () => this.#verdict.failed);
    if (!this.#verdict.failed) checkSettled(this.#verdict, this.machines);
  }

  /** Where the world is whole again, all peers are of one mind about who votes. */
  #checkEpochs(): void {
    checkWishes(this.#verdict, this.#wishes.pending, this.settings);
    if (this.plan.heal.kind !== 'all') return;
    const quietUs =
      this.scheduler.now - Math.max(this.#epochs.chosenAt, 1_000 * this.plan.faultsMs);
    if (quietUs >= CONVERGED_US) checkConverged(this.#verdict, this.checkers.voters, this.machines);
  }

  #checkExpectations(): void {
    checkExpectations(this.#verdict, this.plan.expectations ?? [], this.marks, this.#counts());
  }

  #machineOf(peer: PeerId): Machine | undefined {
    const known = this.#lives.get(peer);
    if (known?.id === peer) return known;
    const machine = this.machines.find(({ id }) => id === peer);
    if (machine !== undefined) this.#lives.set(peer, machine);
    return machine;
  }

  #counts(): Record<string, number> {
    const { checkers, network, resource } = this;
    return {
      acquired: checkers.fenced.acquired,
      chosen: checkers.agreed.chosen,
      overlaps: checkers.exclusive.overlaps,
      overlapUs: checkers.exclusive.longestUs,
      ...network.counts,
      ...checkers.sometimes(network.refusedIncarnation),
      written: resource.counts.written,
      refusedWrites: resource.counts.refused,
      unguardedLosses: this.unguarded.losses,
      ...Object.fromEntries(checkers.observations),
      epochs: checkers.voters.latest.epoch,
      ...this.#wishes.counts,
    };
  }
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
