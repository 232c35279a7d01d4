import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createExtractor, parametersOf, parseJson } from '../index.ts';
import { filesIn, shared } from './shared.ts';

/**
 * `node packages/fhir/test/bench-extract.ts [bundles]`: resources per CPU-second that the extractor reads, all
 * parameters of the type, on real bundles, per type; the resources are parsed before.
 */
type Resource = Record<string, unknown>;

const folder = shared('synthea') ?? '';
const every = Math.max(1, Math.floor(120 / Number(process.argv[2] ?? 14)));
const byType = new Map<string, { all: Resource[]; bytes: number }>();
for (const file of filesIn(folder).filter((_, index) => index < 2 || index % every === 0)) {
  const bundle = parseJson(gunzipSync(readFileSync(join(folder, file)))) as { entry: { resource: Resource }[] };
  for (const { resource } of bundle.entry) {
    const type = String(resource['resourceType']);
    const group = byType.get(type) ?? { all: [], bytes: 0 };
    byType.set(type, group);
    group.all.push(resource);
    group.bytes += JSON.stringify(resource).length;
  }
}

const cpu_s = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const whole = (value: number): string => Math.round(value).toLocaleString('en').padStart(9);
const total = { resources: 0, bytes: 0, cpu_s: 0 };

for (const [type, { all, bytes }] of [...byType].sort(([, one], [, other]) => other.all.length - one.all.length)) {
  const extract = createExtractor(type);
  const rounds = Math.max(4, Math.ceil(30_000 / all.length));
  let values = 0;
  for (const resource of all) for (const found of extract(resource).values()) values += found.length;
  for (let round = 0; round < rounds; round++) for (const resource of all) extract(resource);
  const before = cpu_s();
  for (let round = 0; round < rounds; round++) for (const resource of all) extract(resource);
  const spent = (cpu_s() - before) / rounds;
  total.resources += all.length;
  total.bytes += bytes;
  total.cpu_s += spent;
  const [size, each] = [bytes / all.length, values / all.length];
  process.stdout.write(
    `${type.padEnd(24)} ${whole(all.length)} of ${whole(size)} B, ${parametersOf(type).size} parameters, ` +
      `${each.toFixed(1)} values: ${whole(all.length / spent)}/CPU-s\n`,
  );
}
const rate = total.resources / total.cpu_s;
process.stdout.write(
  `${'all'.padEnd(24)} ${whole(total.resources)} of ${whole(total.bytes / total.resources)} B: ${whole(rate)}/CPU-s, ` +
    `${whole((rate * total.bytes) / total.resources / 1600)}/CPU-s of 1,600 B\n`,
);
