/** A libp2p node that speaks to a transport byte by byte: for what an honest peer never says. */
import type { Libp2p, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { createNode } from '../../src/adapters/libp2p-node.ts';
import { PROTOCOL } from '../../src/adapters/link.ts';
import {
  type ControlFrame,
  decodeControlFrame,
  encodeControlFrame,
  type Hello,
} from '../../src/wire/control-codec.ts';
import { FrameSplitter } from '../../src/wire/frame-splitter.ts';
import { CLUSTER, type Key } from './libp2p-peers.ts';

/** The hello of a peer of the cluster. */
export const HELLO: Hello = {
  kind: 'hello',
  cluster: CLUSTER,
  epoch: 1,
  incarnation: 1,
  nonce: 1,
  channel: 1,
};

/** One stream, and what the other side says on it. */
export class RawStream {
  readonly #stream: Stream;
  readonly #splitter = new FrameSplitter();
  /** The control frames that came. */
  readonly heard: ControlFrame[] = [];
  /** Resolves when the stream is over. */
  readonly ended: Promise<void>;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.addEventListener('message', ({ data }) => this.#hear(data.subarray()));
    this.ended = new Promise((resolve) => {
      stream.addEventListener('remoteCloseWrite', () => resolve());
      stream.addEventListener('close', () => resolve());
    });
  }

  send(bytes: Uint8Array): void {
    this.#stream.send(bytes);
  }

  say(frame: ControlFrame): void {
    this.send(encodeControlFrame(frame));
  }

  #hear(bytes: Uint8Array): void {
    const split = this.#splitter.push(bytes);
    if (!split.ok) throw new Error(split.reason);
    for (const body of split.frames) {
      const decoded = decodeControlFrame(body);
      if (decoded.ok) this.heard.push(decoded.frame);
    }
  }
}

/** A node without a transport. */
export class RawPeer {
  readonly #node: Libp2p;

  private constructor(node: Libp2p) {
    this.#node = node;
  }

  static async start({ privateKey }: Key): Promise<RawPeer> {
    const discovered = (): void => {};
    const node = await createNode({
      privateKey,
      cluster: CLUSTER,
      listen: [],
      mdns: false,
      privateNetwork: null,
      discovered,
    });
    await node.start();
    return new RawPeer(node);
  }

  async open(address: string): Promise<RawStream> {
    return new RawStream(await this.#node.dialProtocol(multiaddr(address), PROTOCOL));
  }

  async stop(): Promise<void> {
    await this.#node.stop();
  }
}
