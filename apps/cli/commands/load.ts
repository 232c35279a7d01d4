import { fault } from '@safeguard/kernel';
import { type Command, type Input, shared } from '../command.ts';
import { openSession, sessionOptions } from '../fhir/authorize.ts';
import { findSources } from '../load/find.ts';
import { sendAll } from '../load/send-all.ts';
import { summarize, summaryText } from '../load/summary.ts';
import { createProgress, grouped } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

async function run(input: Input, terminal: Terminal): Promise<number> {
  const concurrency = input.whole('concurrency', 4);
  const { sources, ignored } = await findSources(input.positionals);
  if (sources.length === 0) throw fault('missing', 'there is no .json, .json.gz, .ndjson or .ndjson.gz file there');
  const session = await openSession(input, concurrency);
  const progress = createProgress(terminal);
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const began = performance.now();
  try {
    const tally = await sendAll(session, sources, {
      concurrency,
      onProgress: ({ created, existing, refused }, behind) => {
        const rate = (created + existing) / ((performance.now() - began) / 1000);
        const files = `${grouped(behind.files)} of ${grouped(sources.length)} files`;
        const stored = `${grouped(created + existing)} resources, ${grouped(rate)}/s`;
        const text = `${files}, ${stored}, ${grouped(refused)} refused`;
        progress.update({ done: behind.bytes, total, text });
      },
    });
    progress.finish();
    const summary = summarize(tally, sources.length, ignored, performance.now() - began);
    terminal.out(input.flag('json') ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    return summary.refused === 0 ? 0 : 1;
  } finally {
    progress.finish();
    await session.close();
  }
}

export const load: Command = {
  name: 'load',
  summary: 'sends FHIR bundles and NDJSON through the public API',
  usage: 'PATH… [options]',
  positionals: { least: 1, most: 10_000 },
  text:
    'PATH is a file or a directory of .json, .json.gz, .ndjson, .ndjson.gz. Transactions and batches\n' +
    'are sent as they are, other bundles as one transaction, NDJSON in batches of 100. Hospitals and\n' +
    'practitioners go first. Exit status 1 when anything was refused.',
  options: {
    concurrency: { type: 'string', value: 'N', text: 'bundles under way at once (default 4)', between: [1, 64] },
    ...sessionOptions,
    json: shared.json,
  },
  examples: [
    'safeguard load bundles/',
    'safeguard load export/*.ndjson.gz --concurrency 8 --json',
    'safeguard load patient.json --url https://fhir.example.org/fhir/R4 --token-file token --ca ca.pem',
  ],
  run,
};
