/**
 * `elock start`: runs one peer in the foreground until it is told to stop.
 *
 * Owns signals: SIGHUP has certificates read anew, but ends a peer whose terminal is gone, as it
 * ends any program. Owns the talk, too, with `elock dev` if that started it: a peer whose parent has
 * gone, however it went, stops.
 */
import { basename, resolve } from 'node:path';
import process from 'node:process';
import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { ConsoleLogger } from '../adapters/console-logger.ts';
import { CONFIG_KEYS, type Config, OPTIONS } from '../config.ts';
import { readConfig, variableOf } from '../config-sources.ts';
import { EXIT } from '../errors.ts';
import { CONFIG_FILE, given, readConfigFile, settingsFrom } from './config-file.ts';
import { exitBecause, exitOnUncaught } from './failure.ts';
import { append, dataOption, parseDuration } from './options.ts';
import type { PeerReport } from './peer-report.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const STDERR = 2;

/** As commander gives them. */
interface StartFlags {
  readonly data: string;
  readonly config?: string;
  readonly port?: string;
  readonly bind?: string;
  readonly socket?: string;
  readonly socketMode?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly clientSecretFile?: string;
  readonly listen?: readonly string[];
  readonly peer?: readonly string[];
  /** False: `--no-mdns`. */
  readonly mdns: boolean;
  readonly replaceAfter?: string;
  readonly logFormat?: string;
  readonly logLevel?: string;
  readonly set?: readonly string[];
}

/** Adds the subcommand. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('Run one peer. Without any configuration: a cluster of one.')
    .addOption(dataOption())
    .option('--port <port>', `port for clients (default: ${OPTIONS.port.default})`)
    .option('--bind <address>', `address for clients (default: ${OPTIONS.bind.default})`)
    .option('--socket <path>', 'UNIX socket for clients')
    .option('--socket-mode <mode>', `its permissions (default: ${OPTIONS.socketMode.default})`)
    .option('--tls-cert <file>', 'certificate for clients, as PEM: the port speaks TLS')
    .option('--tls-key <file>', 'its private key, as PEM')
    .option('--tls-client-ca <file>', 'let in only clients with a certificate of these, as PEM')
    .option('--client-secret-file <file>', 'let in only clients that say the word in it')
    .option('--listen <multiaddr>', 'address for other peers; may be repeated', append)
    .option('--peer <multiaddr>', 'address of another peer; may be repeated', append)
    .option('--no-mdns', 'do not look for peers on the local network')
    .option('--config <file>', `configuration (default: ${CONFIG_FILE} in the data directory)`)
    .option(
      '--replace-after <duration>',
      'let a spare vote for a voter that is silent for so long, as 30s, 10m or 2h',
      parseDuration,
    )
    .option('--log-format <format>', 'auto, human or json')
    .option('--log-level <level>', 'debug, info, warn or error')
    .option('--set <key=value>', 'any option of the configuration; may be repeated', append)
    .addHelpText('after', () => optionTable())
    .action(run);
}

async function run(flags: StartFlags): Promise<void> {
  const config = loadConfig(flags);
  const logger = createLogger(config, flags.data);
  exitOnUncaught(logger);
  let stop = (): void => process.exit(EXIT.ok);
  let reload = (): void => {};
  const hasTerminal = isatty(STDERR);
  process.on('SIGHUP', () => (hasTerminal && !isatty(STDERR) ? stop() : reload()));
  for (const signal of SIGNALS) process.on(signal, () => stop());
  if (process.connected) process.on('disconnect', () => stop());

  const { Daemon } = await import('../daemon.ts');
  try {
    const daemon = await Daemon.start({
      config,
      data: flags.data,
      logger,
      fatal: (error) => exitBecause(error, logger),
      quorum: (has) => report({ kind: 'quorum', has }),
    });
    reload = () => daemon.reload();
    stop = () => void daemon.stop().then(() => process.exit(EXIT.ok));
    const { self: id, port, addresses } = daemon;
    report({ kind: 'started', id, port, addresses });
  } catch (error) {
    exitBecause(error, logger);
  }
}

/** To `elock dev`, if that started this process and is still there. */
function report(message: PeerReport): void {
  if (process.connected) process.send?.(message);
}

function loadConfig(flags: StartFlags): Config {
  return readConfig({
    flags: {
      ...settingsFrom(flags.set ?? []),
      ...given('port', flags.port),
      ...given('bind', flags.bind),
      ...given('socket', flags.socket),
      ...given('socketMode', flags.socketMode),
      ...given('tlsCert', flags.tlsCert),
      ...given('tlsKey', flags.tlsKey),
      ...given('tlsClientCa', flags.tlsClientCa),
      ...given('clientSecretFile', flags.clientSecretFile),
      ...given('listen', flags.listen),
      ...given('peers', flags.peer),
      ...given('mdns', flags.mdns ? undefined : 'false'),
      ...given('replaceAfterMs', flags.replaceAfter),
      ...given('logFormat', flags.logFormat),
      ...given('logLevel', flags.logLevel),
    },
    environment: process.env,
    file: readConfigFile(flags),
  });
}

function createLogger(config: Config, data: string): ConsoleLogger {
  const { logFormat, logLevel } = config;
  const human = logFormat === 'human' || (logFormat === 'auto' && process.stderr.isTTY === true);
  return new ConsoleLogger({ human, level: logLevel, label: basename(resolve(data)) });
}

function optionTable(): string {
  const rows = CONFIG_KEYS.map((key) => {
    const { default: value, summary } = OPTIONS[key];
    return `  ${key} (${variableOf(key)}, default ${JSON.stringify(value)})\n      ${summary}`;
  });
  return ['', 'Options of the configuration file, the environment and --set:', ...rows].join('\n');
}
