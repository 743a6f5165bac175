/**
 * `npm run bench`: elock and its rivals side by side, in one run on one machine.
 *
 * Each pass starts one system after the other, alone: three servers, on 127.0.0.1 and free ports,
 * their data in a directory of the run that is removed at the end. All clients run in this process.
 * A rival that is not installed is skipped and named; on Debian they are `redis-server`,
 * `etcd-server` and `zookeeper` with `default-jre-headless`. Linux only: figures come from /proc.
 *
 *     npm run bench                                     all cells, three passes, about 15 minutes
 *     npm run bench -- --only many-clients,hot --passes 1 --rivals redlock
 *     npm run bench -- --only sim --rivals none
 *     npm run bench -- --only load,held --rivals none --load 60 --held 100000
 *     npm run bench -- --only kills --rivals none --kills 100
 *
 * Prints the targets as ratios of figures of the same pass, then the figures. Trust the ratios:
 * absolute figures move by a factor of two with whatever else the machine does. Exits with 0 unless
 * a cell had errors, among them two clients that held one lock at once; a missed target is no error.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Cell, CellOptions, Extent, Measured } from './cell.ts';
import { basis } from './cells/basis.ts';
import { held } from './cells/held.ts';
import { hot, hotHeld } from './cells/hot-lock.ts';
import { idle, idleAged } from './cells/idle.ts';
import { kills } from './cells/kills.ts';
import { load } from './cells/load.ts';
import { manyClients } from './cells/many-clients.ts';
import { oneClient } from './cells/one-client.ts';
import { simulator } from './cells/simulator.ts';
import type { LockSystem } from './lock-system.ts';
import { type Options, readOptions } from './options.ts';
import { report } from './report.ts';
import { Results } from './results.ts';
import { stopAllServers } from './servers.ts';
import { ElockSystem } from './systems/elock.ts';
import { EtcdSystem } from './systems/etcd.ts';
import { RedlockSystem } from './systems/redlock.ts';
import { ZookeeperSystem } from './systems/zookeeper.ts';
import { TARGETS } from './targets.ts';
import { warmUp } from './warm-up.ts';

const CELLS: readonly Cell[] = [
  idle,
  basis,
  oneClient,
  manyClients,
  hot,
  hotHeld,
  load,
  held,
  kills,
  idleAged,
  simulator,
];
const RIVALS: readonly LockSystem[] = [
  new RedlockSystem(),
  new EtcdSystem(),
  new ZookeeperSystem(),
];
/** Beside the data of `elock dev`, and so on a disk rather than in memory. */
const DATA_FOLDER = '.elock';

async function main(): Promise<void> {
  const options = readOptions(
    process.argv,
    CELLS.map((cell) => cell.name),
    RIVALS.map((rival) => rival.name),
  );
  mkdirSync(DATA_FOLDER, { recursive: true });
  const directory = mkdtempSync(join(DATA_FOLDER, 'bench-'));
  const tidy = async () => {
    await stopAllServers();
    rmSync(directory, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void tidy().finally(() => process.exit(1)));
  }
  try {
    await bench(options, directory);
  } finally {
    await tidy();
  }
}

async function bench(options: Options, directory: string): Promise<void> {
  console.log(`${machine()}\n`);
  const wanted = RIVALS.filter((rival) => options.rivals.includes(rival.name));
  const systems = [new ElockSystem(), ...wanted].filter(isThere);
  const cells = CELLS.filter((cell) => options.cells.includes(cell.name));
  const results = new Results();
  for (let pass = 1; pass <= options.passes; pass += 1) {
    for (const system of systems) {
      for (const group of groupsOf(cells, system, pass)) {
        const folder = mkdtempSync(join(directory, `${system.name}-`));
        await runGroup(system, group, { pass, folder, extent: options.extent, results });
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  console.log(`\n${report(results, cells, TARGETS)}`);
  if (options.json !== null) writeJson(options.json, results);
  if (results.errors().length > 0) process.exitCode = 1;
}

/** Where a system is in the run. */
interface Place {
  readonly pass: number;
  readonly folder: string;
  readonly extent: Extent;
  readonly results: Results;
}

/** The cells of one system and pass, by the servers that they share. */
function groupsOf(all: readonly Cell[], system: LockSystem, pass: number): readonly Cell[][] {
  const cells = all.filter((cell) => cell.of === 'all' || system instanceof ElockSystem);
  const shared = cells.filter((cell) => !cell.alone);
  const alone = pass === 1 ? cells.filter((cell) => cell.alone) : [];
  return [shared, ...alone.map((cell) => [cell])].filter((group) => group.length > 0);
}

async function runGroup(system: LockSystem, cells: readonly Cell[], place: Place): Promise<void> {
  const fresh = cells.filter((cell) => cell.fresh);
  const warm = cells.filter((cell) => !cell.fresh);
  try {
    await system.start(place.folder);
    for (const cell of fresh) await runCell(system, cell, place);
    if (warm.length > 0) await warmUp(system);
    for (const cell of warm) await runCell(system, cell, place);
  } catch (error) {
    add(place, system, 'start', { figures: {}, errors: [String(error)] });
  } finally {
    await system.stop();
  }
}

async function runCell(system: LockSystem, cell: Cell, place: Place): Promise<void> {
  console.error(`pass ${place.pass}: ${system.name}, ${cell.name}`);
  add(
    place,
    system,
    cell.name,
    await measure(system, cell, { ...place.extent, directory: place.folder }),
  );
}

async function measure(system: LockSystem, cell: Cell, options: CellOptions): Promise<Measured> {
  try {
    if (cell.of === 'all') return await cell.run(system, options);
    return await cell.run(system as ElockSystem, options);
  } catch (error) {
    return { figures: {}, errors: [String(error)] };
  }
}

function add({ pass, results }: Place, system: LockSystem, cell: string, measured: Measured): void {
  results.all.push({ pass, cell, system: system.name, measured });
}

function isThere(system: LockSystem): boolean {
  const missing = system.missing();
  console.log(`${system.name}: ${missing === null ? system.setting : `skipped, ${missing}`}`);
  return missing === null;
}

function machine(): string {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  const busy = loadavg()[0]!.toFixed(2);
  const cores = `${cpus().length} cores (${cpus()[0]?.model.trim()})`;
  return `${cores}, ${gib} GiB, node ${process.version}; load before the start ${busy}`;
}

function writeJson(file: string, results: Results): void {
  const targets = TARGETS.map(({ text, of, sense, limit }) => {
    return { text, measured: results.median(of), sense, limit };
  });
  const content = { machine: machine(), targets, results: results.all };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

await main();
