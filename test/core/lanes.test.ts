/** So much work at a time, lane by lane. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Lanes } from '../../src/core/lanes.ts';
import { Parts } from './parts.ts';

let parts: Parts;
let lanes: Lanes<string, string>;
let begun: string[];

beforeEach(() => {
  parts = new Parts({ pageSize: 2 });
  lanes = new Lanes(parts.context);
  begun = [];
});

/** Adds work of a lane that bears the name of the lane and a number. */
function add(lane: string, ...numbers: number[]): void {
  for (const number of numbers) {
    const key = `${lane}${number}`;
    lanes.add(lane, key, () => begun.push(key));
  }
}

describe('lanes', () => {
  it('begin no more at once than there is room for', () => {
    add('a', 1, 2, 3);
    expect(begun).toEqual(['a1', 'a2']);
    lanes.done('a', 'a1');
    expect(begun).toEqual(['a1', 'a2', 'a3']);
  });

  it('take turns, however much one has to do', () => {
    add('a', 1, 2, 3, 4, 5);
    add('b', 1, 2);
    for (const key of ['a1', 'a2', 'a3']) lanes.done('a', key);
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
    lanes.done('b', 'b1');
    lanes.done('a', 'a4');
    expect(begun.slice(5)).toEqual(['b2', 'a5']);
  });

  it('go on with what comes when a lane had nothing left', () => {
    add('a', 1, 2, 3);
    for (const key of ['a1', 'a2', 'a3']) lanes.done('a', key);
    add('a', 4, 5, 6);
    lanes.done('a', 'a4');
    expect(begun).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
  });

  it('leave out what is not wanted any more before it began', () => {
    add('a', 1, 2, 3, 4);
    lanes.done('a', 'a3');
    lanes.done('a', 'a1');
    expect(begun).toEqual(['a1', 'a2', 'a4']);
  });

  it('leave out a whole lane, and free its room as its work is done', () => {
    add('a', 1, 2, 3);
    add('b', 1);
    lanes.drop('a');
    lanes.done('a', 'a1');
    lanes.done('a', 'a2');
    add('b', 2, 3);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('do not wait for long for what is under way: it may wait for what waits here', () => {
    add('a', 1, 2, 3);
    parts.wait(parts.context.settings.askMs);
    expect(begun).toEqual(['a1', 'a2', 'a3']);
    add('a', 4, 5);
    lanes.done('a', 'a1');
    expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('do not mind what was never added, or is done twice', () => {
    lanes.done('a', 'a1');
    add('a', 1, 2, 3, 4);
    lanes.done('a', 'a1');
    lanes.done('a', 'a1');
    expect(begun).toEqual(['a1', 'a2', 'a3']);
  });

  it('go through a great many that are done as soon as they begin', () => {
    let count = 0;
    lanes.add('a', 'first', () => {});
    lanes.add('a', 'second', () => {});
    for (let number = 0; number < 50_000; number++) {
      lanes.add('a', String(number), () => {
        count += 1;
        lanes.done('a', String(number));
      });
    }
    lanes.done('a', 'first');
    expect(count).toBe(50_000);
  });
});
