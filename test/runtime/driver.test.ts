import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/event.ts';
import type { LockName } from '../../src/core/types.ts';
import { ElockError } from '../../src/errors.ts';
import {
  CLIENT,
  durableSend,
  FakeWorld,
  frameOf,
  OTHER,
  PERSIST,
  patientSend,
  promptSend,
  SELF,
  THIRD,
} from './fake-world.ts';

const PONG: Effect = {
  kind: 'respond',
  connection: CLIENT,
  response: { kind: 'pong', validityMs: 0 },
};

describe('driver: order of effects', () => {
  it('performs the effects of a step left to right', () => {
    const world = new FakeWorld();
    world.act([
      PONG,
      PERSIST,
      { kind: 'tell', connection: CLIENT, lock: 'a' as LockName, response: { kind: 'queued' } },
      { kind: 'lost', connection: CLIENT, locks: [] },
      { kind: 'close', connection: CLIENT },
    ]);
    expect(world.take()).toEqual([
      'respond 1 pong',
      'write',
      'tell 1 a queued',
      'lost 1 0',
      'close 1',
    ]);
  });

  it('answers clients and says what rests on others without waiting for the disk', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([PERSIST, PONG, promptSend(OTHER, 1)]);
    world.endTurn();
    expect(world.take()).toEqual(['write', 'respond 1 pong', 'peer-b ← 1']);
  });

  it('joins all messages of a turn to one peer in one send', () => {
    const world = new FakeWorld().open(OTHER, THIRD);
    world.act([promptSend(OTHER, 1), promptSend(THIRD, 2), promptSend(OTHER, 3)]);
    world.act([promptSend(OTHER, 4)]);
    expect(world.take()).toEqual([]);
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 1 3 4', 'peer-c ← 2']);
    world.endTurn();
    expect(world.take()).toEqual([]);
  });

  it('has what is patient wait for what is said next to the same peer, in order', () => {
    const world = new FakeWorld().open(OTHER, THIRD);
    world.act([patientSend(OTHER, 1), promptSend(THIRD, 2)]);
    world.endTurn();
    expect(world.take()).toEqual(['peer-c ← 2']);
    world.act([promptSend(OTHER, 3), patientSend(OTHER, 4)]);
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 1 3 4']);
    world.act([patientSend(OTHER, 5)]);
    world.open(OTHER).act([promptSend(OTHER, 6)]);
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 6']);
  });

  it('handles an event that comes during a step after all effects of that step', () => {
    const world = new FakeWorld();
    world.script.push([PONG, { kind: 'close', connection: CLIENT }], [PERSIST]);
    const { done } = world;
    const push = done.push.bind(done);
    done.push = (...lines) => {
      if (lines[0] === 'respond 1 pong') world.driver.inputEnded(CLIENT);
      return push(...lines);
    };
    world.driver.command(CLIENT, { kind: 'ping' });
    expect(world.take()).toEqual(['respond 1 pong', 'close 1', 'write']);
    expect(world.events.map((event) => event.kind)).toEqual(['command', 'input-ended']);
  });

  it('passes observations to the observer, and to the log when they are worth a line', () => {
    const world = new FakeWorld();
    const quorum = { kind: 'quorum', reached: 1, needed: 2, has: false } as const;
    world.act([{ kind: 'observe', observation: quorum }]);
    expect(world.take()).toEqual(['warn: quorum lost', 'observed quorum']);
  });
});

describe('driver: durable before spoken', () => {
  it('holds a durable send until every earlier write is durable', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([PERSIST, durableSend(OTHER, 1), PERSIST, durableSend(OTHER, 2)]);
    expect(world.take()).toEqual(['write', 'write']);
    world.written();
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 1']);
    world.written();
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 2']);
  });

  it('counts the writes of earlier steps too, and submits each write at once', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([PERSIST]);
    world.act([durableSend(OTHER, 1)]);
    world.act([PERSIST, durableSend(OTHER, 2)]);
    expect(world.take()).toEqual(['write', 'write']);
    world.written();
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 1']);
  });

  it('does not hold a durable send behind a later write', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([durableSend(OTHER, 1), PERSIST]);
    world.endTurn();
    expect(world.take()).toEqual(['write', 'peer-b ← 1']);
  });

  it('lets a prompt send overtake a held one', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([PERSIST, durableSend(OTHER, 1), promptSend(OTHER, 2)]);
    world.endTurn();
    world.written();
    world.endTurn();
    expect(world.take()).toEqual(['write', 'peer-b ← 2', 'peer-b ← 1']);
  });

  it('keeps the order of durable sends across thousands of writes', () => {
    const world = new FakeWorld().open(OTHER);
    const count = 3_000;
    for (let i = 0; i < count; i++) world.act([PERSIST, durableSend(OTHER, i)]);
    world.take();
    for (let i = 0; i < count; i++) world.written();
    world.endTurn();
    expect(world.take()).toEqual([`peer-b ← ${[...Array(count).keys()].join(' ')}`]);
  });
});

describe('driver: messages to itself', () => {
  it('returns them as events after the step, not within it', () => {
    const world = new FakeWorld();
    world.act([promptSend(SELF, 1), promptSend(SELF, 2), PONG], [promptSend(SELF, 3)]);
    expect(world.heard()).toEqual([1, 2, 3]);
    expect(world.take()).toEqual(['respond 1 pong']);
    expect(world.events[1]).toMatchObject({ from: SELF, epoch: 1, counter: 1 });
  });

  it('holds them like any other when they are durable', () => {
    const world = new FakeWorld();
    world.act([PERSIST, durableSend(SELF, 1), promptSend(SELF, 2)]);
    expect(world.heard()).toEqual([2]);
    world.written();
    expect(world.heard()).toEqual([2, 1]);
  });
});

describe('driver: channels', () => {
  it('says nothing where no channel stands', () => {
    const world = new FakeWorld();
    world.act([promptSend(OTHER, 1)]);
    world.open(OTHER).endTurn();
    expect(world.take()).toEqual([]);
  });

  it('drops what was to leave on a channel that is replaced before the turn ends', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([promptSend(OTHER, 1)]);
    world.open(OTHER);
    world.act([promptSend(OTHER, 2)]);
    world.endTurn();
    expect(world.take()).toEqual(['peer-b ← 2']);
  });

  it('drops what is held for a channel that is closed or replaced', () => {
    const world = new FakeWorld().open(OTHER, THIRD);
    world.act([PERSIST, durableSend(OTHER, 1), durableSend(THIRD, 2), durableSend(SELF, 3)]);
    world.listener.closed(THIRD);
    world.open(OTHER, THIRD);
    world.written();
    world.endTurn();
    expect(world.take()).toEqual(['write']);
    expect(world.heard()).toEqual([3]);
  });

  it('hands a frame to the core with its authenticated sender', () => {
    const world = new FakeWorld().open(OTHER);
    world.listener.frame(OTHER, frameOf(5));
    expect(world.events).toEqual([
      {
        kind: 'message',
        from: OTHER,
        epoch: 1,
        counter: 7,
        message: { kind: 'accepted', request: 5 },
      },
    ]);
  });

  it('hands on the messages of a frame in order, and none after the core closed the channel', () => {
    const world = new FakeWorld().open(OTHER);
    world.script.push(
      [],
      [{ kind: 'disconnect', peer: OTHER, cause: 'stale-incarnation', reason: 'enough' }],
    );
    world.listener.frame(OTHER, frameOf(1, 2, 3));
    expect(world.heard()).toEqual([1, 2]);
  });

  it('closes the channel of a malformed frame, tells the core once, and hears no more of it', () => {
    const world = new FakeWorld().open(OTHER);
    world.listener.frame(OTHER, new Uint8Array([255, 255]));
    world.listener.frame(OTHER, frameOf(1));
    world.listener.closed(OTHER);
    expect(world.events).toEqual([{ kind: 'channel-closed', peer: OTHER }]);
    const [log, disconnect] = world.take();
    expect(log).toBe('warn: channel closed');
    expect(disconnect).toMatch(/^disconnect peer-b: malformed frame: .*, any$/);
  });

  it('closes the channel of a restored backup, and tells the core afterwards', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([
      { kind: 'disconnect', peer: OTHER, cause: 'stale-incarnation', reason: 'too old' },
      PONG,
    ]);
    expect(world.take()).toEqual([
      'warn: channel closed',
      'disconnect peer-b: too old, stale-incarnation',
      'respond 1 pong',
    ]);
    expect(world.events.map((event) => event.kind)).toEqual(['command', 'channel-closed']);
  });
});

describe('driver: the alarm', () => {
  it('follows the deadline when it moves earlier, and stays when it moves later', () => {
    const world = new FakeWorld();
    for (const deadline of [500, 400, 400, 700]) {
      world.deadline = deadline;
      world.act();
    }
    expect(world.take()).toEqual(['alarm 500', 'alarm 400']);
  });

  it('rings early after a deadline moved later, and is set anew without a tick', () => {
    const world = new FakeWorld();
    world.deadline = 400;
    world.act();
    world.deadline = 700;
    world.time = 400;
    world.ring();
    expect(world.take()).toEqual(['alarm 400', 'alarm 700']);
    expect(world.events.map((event) => event.kind)).toEqual(['command']);
  });

  it('gives the core a tick when its deadline is reached', () => {
    const world = new FakeWorld();
    world.deadline = 400;
    world.act();
    world.time = 400;
    world.script.push([PONG]);
    world.ring();
    expect(world.events.map((event) => event.kind)).toEqual(['command', 'tick']);
    expect(world.take()).toEqual(['alarm 400', 'respond 1 pong', 'alarm 400']);
  });
});

describe('driver: the end', () => {
  it('is fatal when the store fails, and nothing is spoken or answered after it', () => {
    const world = new FakeWorld().open(OTHER);
    world.act([promptSend(OTHER, 1), PERSIST, durableSend(OTHER, 2), durableSend(SELF, 3)]);
    world.take();
    world.written(new Error('no space left on device'));
    expect(world.fatal.map((error) => [error.code, error.exitStatus])).toEqual([
      ['storeFailed', 74],
    ]);
    expect(world.fatal[0]!.message).toContain('no space left on device');
    world.act([PONG]);
    world.endTurn();
    expect(world.take()).toEqual(['clock stopped']);
    expect(world.heard()).toEqual([]);
  });

  it('is over at the first cause that it is told of, and says nothing more', () => {
    const world = new FakeWorld().open(OTHER);
    const [first, second] = ['one', 'two'].map((text) => new ElockError('staleIncarnation', text));
    world.driver.fail(first!);
    world.driver.fail(second!);
    world.act([PONG]);
    expect(world.fatal).toEqual([first]);
    expect(world.take()).toEqual(['clock stopped']);
  });

  it('does nothing once it is stopped, whatever comes', () => {
    const world = new FakeWorld().open(OTHER);
    world.deadline = 10;
    world.act([PERSIST, durableSend(OTHER, 1), promptSend(OTHER, 2)]);
    world.take();
    world.events.length = 0;
    world.driver.stop();
    world.written();
    world.endTurn();
    world.time = 10;
    world.ring();
    world.listener.frame(OTHER, frameOf(1));
    world.listener.opened(THIRD, 1);
    world.listener.closed(OTHER);
    world.driver.disconnected(CLIENT, false);
    expect(world.take()).toEqual(['clock stopped']);
    expect(world.events).toEqual([]);
  });

  it('performs nothing more of a step that stops it', () => {
    const world = new FakeWorld();
    const { done } = world;
    const push = done.push.bind(done);
    done.push = (...lines) => {
      if (lines[0] === 'respond 1 pong') world.driver.stop();
      return push(...lines);
    };
    world.act([PONG, PERSIST]);
    expect(world.take()).toEqual(['clock stopped', 'respond 1 pong']);
  });

  it('lets an error of the core through, and handles nothing after it', () => {
    const world = new FakeWorld();
    const { events } = world;
    const push = events.push.bind(events);
    events.push = (...added) => {
      push(...added);
      throw new Error('broken invariant');
    };
    expect(() => world.act()).toThrow('broken invariant');
    world.act([PONG]);
    expect(world.take()).toEqual([]);
  });

  it('never gives a connection id twice', () => {
    const { driver } = new FakeWorld();
    expect([driver.connect(), driver.connect(), driver.connect()]).toEqual([1, 2, 3]);
  });
});
