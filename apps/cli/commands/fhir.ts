import { readPackage } from '@safeguard/fhir';
import { fault } from '@safeguard/kernel';
import { type Command, type Input, shared } from '../command.ts';
import { openSession, sessionOptions } from '../fhir/authorize.ts';
import { definitionsOf, type Loaded, loadPackage } from '../fhir/load-package.ts';
import { packageBytes, public_registry } from '../fhir/package-source.ts';
import { createProgress, grouped } from '../progress.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

function told(name: string, { types, refusals, ...total }: Loaded): string {
  const row = (head: string, { created, updated, refused }: Omit<Loaded, 'types' | 'refusals'>) => [
    head,
    String(created),
    String(updated),
    String(refused),
  ];
  const rows = Object.entries(types).map(([type, counts]) => row(type, counts));
  const head = `${name}\n${table([['', 'created', 'updated', 'refused'], ...rows, row('total', total)])}`;
  if (refusals.length === 0) return head;
  const reasons = refusals.map(({ type, url, status, text }) => {
    const code = status === undefined ? '' : ` (${status})`;
    return `  ${type} ${url}${code}: ${text}\n`;
  });
  return `${head}Refused:\n${reasons.join('')}`;
}

/** R4 itself is here already; what else a guide builds on is loaded by its own name. */
function notLoaded(dependencies: Readonly<Record<string, string>>): string {
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith('hl7.fhir.r4.'));
  if (others.length === 0) return '';
  const lines = others.map(([name, version]) => `  ${name}@${version}\n`);
  return `It builds on these, which were not loaded:\n${lines.join('')}`;
}

async function run(input: Input, terminal: Terminal): Promise<number> {
  const concurrency = input.whole('concurrency', 4);
  const bytes = await packageBytes(input.positionals[0] ?? '', input.text('registry') ?? public_registry);
  const { name, version, resources, fhirVersions, dependencies } = await readPackage(bytes);
  if (fhirVersions.length > 0 && !fhirVersions.some((one) => one.startsWith('4.0'))) {
    throw fault('invalid', 'the package is for another version of FHIR than R4 (4.0)');
  }
  const definitions = definitionsOf(resources);
  if (definitions.length === 0) throw fault('invalid', 'the package holds no definition that a server makes use of');
  const session = await openSession(input, concurrency);
  const progress = createProgress(terminal);
  try {
    const loaded = await loadPackage(session, definitions, {
      concurrency,
      onProgress: ({ created, updated, refused }) => {
        const done = created + updated + refused;
        const text = `${grouped(done)} of ${grouped(definitions.length)} definitions, ${grouped(refused)} refused`;
        progress.update({ done, total: definitions.length, text });
      },
    });
    progress.finish();
    const summary = { package: name, version, dependencies, ...loaded };
    if (input.flag('json')) terminal.out(`${JSON.stringify(summary)}\n`);
    else terminal.out(`${told(`${name} ${version}`, loaded)}${notLoaded(dependencies)}`);
    return loaded.refused === 0 ? 0 : 1;
  } finally {
    progress.finish();
    await session.close();
  }
}

export const fhirLoad: Command = {
  name: 'fhir load',
  summary: 'loads an implementation guide: profiles, value sets, search parameters',
  usage: 'PACKAGE [options]',
  positionals: { least: 1, most: 1 },
  text:
    'PACKAGE is a file (.tgz), or a name, or name@version in the FHIR package registry. Each definition is\n' +
    'a conditional update by its url and version: to load a package twice changes nothing but versions.\n' +
    'Profiles take effect at once. Exit status 1 when anything was refused.',
  options: {
    registry: { type: 'string', value: 'URL', text: `registry for names (default ${public_registry})` },
    concurrency: { type: 'string', value: 'N', text: 'requests under way at once (default 4)', between: [1, 16] },
    ...sessionOptions,
    json: shared.json,
  },
  examples: [
    'safeguard fhir load hl7.fhir.us.core-6.1.0.tgz',
    'safeguard fhir load hl7.fhir.us.core@6.1.0 --tenant north',
  ],
  run,
};
