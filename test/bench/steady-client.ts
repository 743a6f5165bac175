/**
 * A client that locks and unlocks one name for as long as others make noise, and counts what it hears.
 *
 * One try after the other, each answered before the next; what matters is the slowest, and how many
 * were refused for want of a quorum.
 */
import { LineClient } from './line-client.ts';

/** One client at one peer. */
export class SteadyClient {
  readonly #client: LineClient;
  readonly #answers: number[] = [];
  #refused = 0;
  #stopped = false;
  readonly #over: Promise<void>;

  private constructor(client: LineClient) {
    this.#client = client;
    this.#over = this.#run();
  }

  /** Begins at once. */
  static async start(port: number): Promise<SteadyClient> {
    return new SteadyClient(await LineClient.connect(port));
  }

  /** Ends it, and says how it fared. */
  async stop(): Promise<string> {
    this.#stopped = true;
    await this.#over;
    const sorted = this.#answers.sort((a, b) => a - b);
    const at = (share: number): string =>
      (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
    return (
      `a client of a voter was answered ${sorted.length} times: median ${at(0.5)} ms, ` +
      `99 % ${at(0.99)} ms, slowest ${at(1)} ms; ${this.#refused} refusals`
    );
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#try('lock bench');
      await this.#try('unlock bench');
    }
  }

  async #try(line: string): Promise<void> {
    const startedAt = performance.now();
    const reply = await this.#client.request(line);
    this.#answers.push(performance.now() - startedAt);
    if (!reply.startsWith('200 ')) this.#refused += 1;
  }
}
