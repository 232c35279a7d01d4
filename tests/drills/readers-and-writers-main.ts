// `node tests/drills/readers-and-writers-main.ts [--seconds 600]`
import { parseArgs } from 'node:util';
import { start } from '../harness/instance.ts';
import { readersAndWriters } from './readers-and-writers.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const instance = await start({ tls: 'off' });
let told = Date.now();
try {
  const figures = await readersAndWriters({
    instance,
    token: await instance.token(),
    seconds: Number(values.seconds),
    onProgress: ({ wrong, ...counts }) => {
      if (Date.now() - told < 30_000) return;
      told = Date.now();
      process.stderr.write(`${JSON.stringify(counts)}, ${wrong.length} wrong\n`);
    },
  });
  process.stdout.write(`${JSON.stringify({ ...figures, wrong: [...new Set(figures.wrong)] })}\n`);
  process.exitCode = figures.wrong.length === 0 ? 0 : 1;
} finally {
  await instance.stop();
}
