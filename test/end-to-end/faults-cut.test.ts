/**
 * A peer is cut from the two others, which go on: it must give up its locks before they grant them.
 */
import { describe, expect, it } from 'vitest';
import { tokenOf } from './dev-cluster.ts';
import { CutCluster, obstacle } from './namespaces.ts';
import { answered, tell } from './witness.ts';

/** A fifth of the lease lies between the two, so that a busy machine does not turn them round. */
const OPTIONS = { minimumLeaseMs: 3_000, driftPermille: 200 };

const missing = obstacle();

describe.skipIf(missing !== null)(`a peer that is cut off (${missing ?? 'made as root'})`, () => {
  it('answers 503, and tells and closes its holders before the others grant', async () => {
    const cluster = await CutCluster.start(OPTIONS);
    const holder = await cluster.client(1);
    expect(await holder.ask('set_timeout 1000')).toMatch(/^200 /);
    const token = tokenOf(await holder.ask('lock mine'));
    const waiter = await cluster.client(2);
    expect(await waiter.ask('lock mine')).toMatch(/^409 /);
    waiter.send('lock mine 300\n');
    const closed = holder.ended.then(() => performance.now());

    cluster.cut(1);
    const cutAt = performance.now();
    const alone = await cluster.client(1);
    alone.send('lock another\n');
    const [tried, lost, granted] = await Promise.all([alone, holder, waiter].map(answered));
    expect(tried?.line).toMatch(/^503 No quorum/);
    expect(lost?.line).toMatch(new RegExp(`^410 mine ${token} `));
    const next = tokenOf(granted!.line);
    expect(next).toBeGreaterThan(token);
    expect(await closed).toBeLessThan(granted!.at);
    tell('cut to 503', tried!.at - cutAt);
    tell('cut to the close of the holder', (await closed) - cutAt);
    tell('cut to the grant elsewhere', granted!.at - cutAt);

    cluster.heal(1);
    const healed = await cluster.client(1);
    healed.send('lock mine 300\n');
    expect(await waiter.ask('unlock mine')).toMatch(/^200 /);
    expect(tokenOf(await healed.line())).toBeGreaterThan(next);
  });
});
