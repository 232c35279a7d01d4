import type { RunningServer } from '@safeguard/server';
import type { Command, Input } from '../command.ts';
import { shared } from '../command.ts';
import { removeReadyFile, writeReadyFile } from '../ready-file.ts';
import { nextSignal } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

export type StartServer = (options: { readonly overrides: Record<string, unknown> }) => Promise<RunningServer>;

const overridesOf = (input: Input): Record<string, unknown> => {
  const database = input.text('database');
  const given = {
    data: input.text('data'),
    host: input.text('host'),
    port: input.text('port'),
    tls: input.text('tls'),
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(database === undefined ? {} : { database: { url: database } }),
  };
};

async function serve(
  server: RunningServer,
  signals: ReturnType<typeof nextSignal>,
  terminal: Terminal,
): Promise<number | 'forced'> {
  const ended = await Promise.race([signals.first, server.stopped.then(() => 'stopped' as const)]);
  if (ended === 'stopped') {
    terminal.err('safeguard: the platform has stopped by itself; its log says why\n');
    return 1;
  }
  terminal.err(`${ended}: finishing what is in flight\n`);
  const stopping = server.stop().then(() => server.stopped);
  const forced = await Promise.race([signals.second, stopping]);
  if (forced === undefined) return 0;
  terminal.err('safeguard: stopped at once, at a second signal\n');
  return 'forced';
}

/** Printed as long as nobody administers the instance; the link itself is the secret. */
const invitation = ({ url, expires_at }: NonNullable<RunningServer['administratorLink']>): string =>
  `administrator ${url}\n` +
  `(makes the first administrator, once, until ${new Date(expires_at).toISOString()}; open it in a browser)\n`;

async function runUntilStopped(start: StartServer, input: Input, terminal: Terminal): Promise<number | 'forced'> {
  const signals = nextSignal();
  const readyFile = input.text('ready-file');
  try {
    const server = await start({ overrides: overridesOf(input) });
    if (readyFile !== undefined) await writeReadyFile(readyFile, server);
    terminal.out(`ready ${server.url}\n`);
    if (server.administratorLink !== undefined) terminal.out(invitation(server.administratorLink));
    if (server.firstStart) {
      terminal.err('First start. In another terminal: "npx safeguard demo" fills it with synthetic patients;\n');
      terminal.err('"npx safeguard client create NAME --scopes \'system/*.cruds\'" makes a client for your own.\n');
      terminal.err(
        'Nobody sees a patient yet: at /access the first administrator asks for a role, and while there is no\n',
      );
      terminal.err(
        'other officer "npx safeguard access requests" and "npx safeguard access approve ID" decide it here.\n',
      );
    }
    return await serve(server, signals, terminal);
  } finally {
    signals.release();
    if (readyFile !== undefined) await removeReadyFile(readyFile);
  }
}

async function up(start: StartServer, input: Input, terminal: Terminal): Promise<number> {
  const status = await runUntilStopped(start, input, terminal);
  // PostgreSQL recovers by itself at the next start; whoever signals twice has been told.
  if (status === 'forced') process.exit(1);
  return status;
}

const loadServer: StartServer = async (options) => (await import('@safeguard/server')).startServer(options);

/** `up`; a test gives its own way to start. */
export const createUp = (start: StartServer = loadServer): Command => ({
  name: 'up',
  summary: 'runs the platform in the foreground',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  text:
    'Prints "ready URL" when it serves. SIGTERM or SIGINT: finishes what is in flight, stops PostgreSQL,\n' +
    'exits 0; a second one stops at once. All other settings come from SAFEGUARD_… variables or <data>/safeguard.json.',
  options: {
    data: shared.data,
    host: { type: 'string', value: 'HOST', text: 'address to listen on (default localhost)' },
    port: { type: 'string', value: 'N', text: 'port to listen on (default 8443; 0: any)', between: [0, 65_535] },
    tls: { type: 'string', choices: ['on', 'off'], text: 'off is accepted on loopback only (default on)' },
    database: { type: 'string', value: 'URL', text: 'external PostgreSQL; without it the embedded one is used' },
    'ready-file': { type: 'string', value: 'FILE', text: 'write {"url","pid","ca"} here once it serves' },
  },
  examples: [
    'safeguard up',
    'safeguard up --data /srv/safeguard --port 443',
    'safeguard up --tls off --ready-file ready.json',
  ],
  run: (input, terminal) => up(start, input, terminal),
});
