// `node tests/oracle/main.ts [--queries N] [--seed S] [--size N]`: random searches against an oracle in memory.
import { parseArgs } from 'node:util';
import { start } from '../harness/instance.ts';
import { compareWithOracle, loadWorld } from './run.ts';

const { values } = parseArgs({
  options: {
    queries: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    size: { type: 'string', default: '400' },
  },
});
const say = (text: string): boolean => process.stderr.write(`${text}\n`);
say(`seed ${values.seed}`);
const instance = await start({ tls: 'off' });
try {
  const sent = { instance, token: await instance.token('system/*.cruds') };
  const oracle = await loadWorld(sent, values.seed, Number(values.size));
  const began = Date.now();
  const figures = await compareWithOracle(sent, oracle, {
    queries: Number(values.queries),
    seed: Number(values.seed),
    onProgress: (done) => say(`${done} queries, ${Math.round((Date.now() - began) / 1000)} s`),
  });
  process.stdout.write(`${JSON.stringify({ seed: values.seed, ...figures, seconds: (Date.now() - began) / 1000 })}\n`);
} finally {
  await instance.stop();
}
