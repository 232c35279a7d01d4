// `npm run bench`: every case beside its floor, as a table and as JSON. See README.md.
import { writeFile } from 'node:fs/promises';
import { createBench } from './bench.ts';
import { groups } from './cases.ts';
import { clearLeftovers } from './instance/leftovers.ts';
import { describeMachine } from './machine.ts';
import { type Options, readOptions, usage } from './options.ts';
import { machineLine, resultText } from './report/text.ts';
import type { Row } from './row.ts';

const out = (text: string): boolean => process.stdout.write(text);
const say = (text: string): boolean => process.stderr.write(`${text}\n`);

async function runAll(options: Options): Promise<number> {
  const machine = await describeMachine();
  const bench = createBench(options, say);
  const rows: Row[] = [];
  for (const group of groups) {
    const wanted = group.names.filter((name) => options.names.includes(name));
    if (wanted.length > 0) rows.push(...(await group.run(bench, wanted)));
  }
  const postgres = bench.postgres() ?? 'not asked';
  const { seconds, connections, tls } = options;
  out(`${machineLine(machine, postgres)}\n${connections} connections, TLS ${tls}, ${seconds} s a case\n`);
  out(resultText(rows));
  if (options.json !== undefined) {
    const at = new Date().toISOString();
    await writeFile(
      options.json,
      `${JSON.stringify({ at, machine: { ...machine, postgres }, options, rows }, undefined, 2)}\n`,
    );
  }
  return rows.some(({ measured }) => (measured?.errors ?? 0) > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return await runAll(options);
    out(usage);
    return 0;
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 2;
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`${signal}: stopping what was started`);
    const end = (): never => process.exit(130);
    clearLeftovers().then(end, end);
  });
}

process.exitCode = await main();
