import { parseArgs } from 'node:util';
import { caseNames } from './cases.ts';

/** What one run of the benchmarks is asked to do. */
export interface Options {
  readonly names: readonly string[];
  readonly json: string | undefined;
  /** Measured time of a case; its warm-up is a quarter (2 s at least), its floor half before and half after. */
  readonly seconds: number;
  readonly connections: number;
  readonly tls: 'on' | 'off';
  /** Little data and no waiting: proves that the benchmarks run, measures nothing. */
  readonly tiny: boolean;
  /** Directory for CPU profiles of the server. */
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const usage = `npm run bench [-- NAME… options]

names    ${caseNames.join(', ')}; all of them when none is given
options  --seconds N      measured time of a case (default 8)
         --connections N  keep-alive connections (default 16)
         --tls on|off     transport of the case and of its floor alike (default off)
         --json FILE      write all figures there
         --profile DIR    write CPU profiles of the server there and print where its time went
         --tiny           little data, no waiting: shows that everything runs
`;

const positive = (text: string, name: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}: expected a number above 0`);
  return value;
};

/** Throws on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '8' },
      connections: { type: 'string', default: '16' },
      tls: { type: 'string', default: 'off' },
      json: { type: 'string' },
      profile: { type: 'string' },
      tiny: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, profile, tiny, help } = values;
  const tls = values.tls === 'on' || values.tls === 'off' ? values.tls : undefined;
  if (tls === undefined) throw new Error('--tls: expected on or off');
  const unknown = positionals.find((name) => !caseNames.includes(name));
  if (unknown !== undefined) throw new Error(`no case is named ${unknown}; there are ${caseNames.join(', ')}`);
  const connections = Math.ceil(positive(values.connections, 'connections'));
  const seconds = positive(values.seconds, 'seconds');
  const names = positionals.length > 0 ? positionals : caseNames;
  return { names, json, seconds, connections, tls, tiny, profile, help };
}
