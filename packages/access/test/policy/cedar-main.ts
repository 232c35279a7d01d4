// `node packages/access/test/policy/cedar-main.ts [--decisions N] [--seed S]`: random decisions, ours beside Cedar's.
import { parseArgs } from 'node:util';
import { compareWithCedar } from './cedar.ts';
import { access } from './world.ts';

const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
const say = (text: string): boolean => process.stderr.write(`${text}\n`);
const [decisions, seed] = [Number(values.decisions), Number(values.seed)];
say(`seed ${seed}`);
const began = Date.now();
const seconds = (): number => Math.round((Date.now() - began) / 1000);
let told = 0;
const compared = compareWithCedar({
  decisions,
  seed,
  decide: access.decide,
  onProgress: (done) => {
    if (done - told < 50_000) return;
    told = done;
    say(`${done} decisions, ${seconds()} s`);
  },
});
process.stdout.write(`${JSON.stringify({ seed, seconds: seconds(), ...compared }, undefined, 2)}\n`);
process.exitCode = compared.differs === undefined ? 0 : 1;
