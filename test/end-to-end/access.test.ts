/** Who may come in, with real processes: what README shows, exit statuses, and what the log says. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Authority, type Certified } from '../adapters/certificates.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED, MAIN } from '../bundled.ts';
import { README } from '../readme-programs.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { ElockProcess } from './dev-cluster.ts';

const SECTION = README.slice(README.indexOf('\n## Who may come in: clients\n'));
const SECRET = 'sesame';

let peers: Authority;
let clients: Authority;
let peer: Certified;
let backup: Certified;
beforeAll(async () => {
  [peers, clients] = await Promise.all([
    Authority.create('CN=Peers'),
    Authority.create('CN=Clients'),
  ]);
  [peer, backup] = await Promise.all([
    peers.certify('CN=alpha', { hosts: ['localhost', '127.0.0.1'] }),
    clients.certify('CN=backup'),
  ]);
});

/** A directory with what README's section speaks of, and `elock` to be found on the path. */
function workshop(main = BUNDLED): string {
  const directory = temporaryDirectory();
  const script = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
  writeFileSync(join(directory, 'elock'), script, { mode: 0o755 });
  const files = {
    'client-secret': `${SECRET}\n`,
    'peer.pem': peer.cert,
    'peer.key': peer.key,
    'clients.pem': clients.cert,
    'peers.pem': peers.cert,
    'backup.pem': backup.cert,
    'backup.key': backup.key,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  }
  return directory;
}

interface Peer {
  readonly elock: ElockProcess;
  readonly port: number;
}

async function start(directory: string, ...args: string[]): Promise<Peer> {
  const data = join(directory, 'data');
  const elock = new ElockProcess(['start', '--data', data, '--port', '0', ...args]);
  const { port } = JSON.parse(await elock.logged('"started"')) as { port: number };
  return { elock, port };
}

const TLS_FILES = ['tls-cert=peer.pem', 'tls-key=peer.key', 'tls-client-ca=clients.pem'];

/** `--tls-cert DIR/peer.pem` and so on. */
function flagsIn(directory: string, pairs: readonly string[]): string[] {
  return pairs.flatMap((pair) => {
    const [flag, file] = pair.split('=');
    return [`--${flag}`, join(directory, file!)];
  });
}

/** Runs lines of a shell in a directory; both outputs as one. */
async function shell(directory: string, lines: string, environment: NodeJS.ProcessEnv = {}) {
  const PATH = [directory, process.env['PATH']].join(delimiter);
  const env = { ...process.env, ...environment, PATH };
  const child = spawn('sh', ['-c', `exec 2>&1\n${lines}`], { cwd: directory, env });
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk;
  return output;
}

describe('README', () => {
  it('shows how clients come in, line by line', async () => {
    const directory = workshop(MAIN);
    const socket = join(directory, 'elock.sock');
    const secret = flagsIn(directory, ['client-secret-file=client-secret', ...TLS_FILES]);
    const { elock, port } = await start(directory, '--socket', socket, ...secret);
    expect(JSON.parse(await elock.logged('"started"'))).toMatchObject({ socket });

    const talk = /```\n(lock door\n[\s\S]*?)```/.exec(SECTION)?.[1]?.trimEnd().split('\n') ?? [];
    expect(talk).toHaveLength(10);
    const client = await TextClient.connect(socket);
    for (let at = 0; at < talk.length; at += 2) {
      // Whoever comes next need not wait for the time-out of this session.
      if (talk[at] === 'quit') expect(await client.ask('unlock door')).toBe('200 Released');
      const answer = await client.ask(talk[at]!);
      expect(answer?.replace(/ \d{5}$/, ' MS')).toBe(talk[at + 1]!.replace(/ \d{5}$/, ' MS'));
    }
    await client.disconnect();

    const commands = /```\n(\$ elock lock[\s\S]*?)```/.exec(SECTION)?.[1] ?? '';
    const typed = commands.match(/(?<=^\$ ).*$/gm) ?? [];
    expect(typed).toHaveLength(5);
    const printed = commands.replace(/^\$ .*\n/gm, '').replaceAll('localhost:11400', 'PEER');
    const output = await shell(directory, typed.join('\n').replaceAll('11400', String(port)));
    expect(output.replaceAll(`localhost:${port}`, 'PEER')).toBe(printed);

    await elock.stop();
    expect(elock.log.join('\n')).not.toMatch(/sesame|please/);
    expect(existsSync(socket)).toBe(false);
  });
});

describe('elock start', () => {
  it('alone with a UNIX socket listens on no port', async () => {
    const directory = workshop();
    const socket = join(directory, 'elock.sock');
    const { elock, port } = await start(directory, '--socket', socket, '--bind', 'none');
    expect(port).toBe(0);
    expect(await shell(directory, 'elock stats --peer unix:./elock.sock')).toMatch(/^clients +0$/m);
    elock.kill();
    await elock.ended;
    expect(existsSync(socket)).toBe(true);
    const again = await start(directory, '--socket', socket, '--bind', 'none');
    const client = await TextClient.connect(socket);
    expect(await client.ask('lock a')).toMatch(/^200 Acquired/);
    await client.disconnect();
    const other = new ElockProcess([
      ...['start', '--data', join(directory, 'other'), '--port', '0', '--socket', socket],
    ]);
    expect(await other.ended).toMatchObject({ status: 69 });
    expect(other.log.join('\n')).toContain(`unix:${socket}: another process listens there`);
    await again.elock.stop();
  });

  it('exits by cause when files cannot be used, before anything is made', async () => {
    const directory = workshop();
    writeFileSync(join(directory, 'empty'), '');
    const data = join(directory, 'data');
    const cases: readonly (readonly [number, string, readonly string[]])[] = [
      [66, 'it is empty', flagsIn(directory, ['client-secret-file=empty'])],
      [66, 'no certificate in PEM', flagsIn(directory, ['tls-cert=peer.key', 'tls-key=peer.key'])],
      [78, 'no way in', ['--bind', 'none']],
    ];
    for (const [status, why, flags] of cases) {
      const elock = new ElockProcess(['start', '--data', data, '--port', '0', ...flags]);
      expect(await elock.ended, why).toMatchObject({ status });
      expect(elock.log.join('\n')).toContain(why);
    }
    expect(existsSync(data)).toBe(false);
  });
});

describe('elock lock and its like', () => {
  it('exit with 77 when no peer lets them in, with 66 and 64 by what they are given', async () => {
    const directory = workshop();
    writeFileSync(join(directory, 'wrong'), 'guess-me');
    const flags = flagsIn(directory, ['client-secret-file=client-secret']);
    const { port, elock } = await start(directory, ...flags);
    const at = `--peer 127.0.0.1:${port}`;
    const status = async (line: string) => {
      const output = await shell(directory, `${line}; echo "status $?"`);
      expect(output).not.toContain('guess-me');
      return /status (\d+)/.exec(output)?.[1];
    };
    for (const command of ['lock a -- true', 'info a']) {
      const [word, ...rest] = command.split(' ');
      const run = (...options: string[]) =>
        status(`elock ${[word, at, ...options, ...rest].join(' ')}`);
      expect(await run('--secret-file', 'wrong'), command).toBe('77');
      expect(await run('--secret-file', 'client-secret'), command).toBe('0');
    }
    expect(await status(`elock stats ${at}`)).toBe('77');
    expect(await status(`elock stats ${at} --secret-file nowhere`)).toBe('66');
    expect(await status(`elock stats ${at} --tls-cert peer.pem`)).toBe('64');
    expect(await status('elock stats --peer unix:elock.sock')).toBe('64');
    expect(await status('elock stats --peer unix:./nowhere.sock')).toBe('69');
    expect(await status(`ELOCK_PEER_TLS=perhaps elock stats ${at}`)).toBe('64');
    await elock.stop();
    expect(elock.log.join('\n')).not.toContain('guess-me');
  });

  it('tell what they run how to come in, too', async () => {
    const directory = workshop();
    const flags = flagsIn(directory, ['client-secret-file=client-secret', ...TLS_FILES]);
    const { port } = await start(directory, ...flags);
    const access = '--tls-ca peers.pem --tls-cert backup.pem --tls-key backup.key';
    const line = `elock lock --peer localhost:${port} --secret-file client-secret ${access} outer`;
    const inner = `cd / && elock lock -n inner -c 'elock locks --json'`;
    const output = await shell(directory, `${line} -c "${inner}"`);
    const { locks } = JSON.parse(output) as { locks: { name: string }[] };
    expect(locks.map(({ name }) => name).sort()).toEqual(['inner', 'outer']);
  });

  it('say in their help how to come in', async () => {
    const help = await shell(
      workshop(),
      'elock lock --help; elock peers --help; elock start --help',
    );
    const both = [...help.matchAll(/--secret-file <file>/g)];
    expect(both).toHaveLength(2);
    expect(help).toContain('ELOCK_PEER_SECRET_FILE');
    expect(help).toContain('--client-secret-file <file>');
  });
});

it('a peer reads its certificates anew on SIGHUP, and keeps them where the new are of no use', async () => {
  const directory = workshop();
  const flags = flagsIn(directory, ['tls-cert=peer.pem', 'tls-key=peer.key']);
  const { elock, port } = await start(directory, ...flags);
  const status = `elock stats --peer localhost:${port} --tls-ca peers.pem > /dev/null; echo "$?"`;
  writeFileSync(join(directory, 'peer.pem'), 'nothing');
  elock.child.kill('SIGHUP');
  await elock.logged('those before stay in use');
  expect(await shell(directory, status)).toContain('0');
  const other = await clients.certify('CN=alpha', { hosts: ['localhost'] });
  writeFileSync(join(directory, 'peer.pem'), other.cert);
  writeFileSync(join(directory, 'peer.key'), other.key);
  elock.child.kill('SIGHUP');
  await elock.logged('certificates were read anew');
  expect(await shell(directory, status)).toContain('77');
  expect(await shell(directory, status.replace('peers.pem', 'clients.pem'))).toContain('0');
  expect((await elock.stop()).status).toBe(0);
});
