import { fileURLToPath } from 'node:url';
import { type ReadControl, readControls } from './controls.ts';
import { digestOf, readFiles, type SourceFile } from './files.ts';
import { housePackages } from './packages.ts';
import { readParameters } from './parameters.ts';
import { readPolicy } from './policy-files.ts';
import { createProblems, type Problems } from './problems.ts';
import { checkReferences, type Parts } from './references.ts';
import { readCrosswalk, readNeeds, readOrganization, readProfile, readSubprocessors } from './tables.ts';
import type { Content } from './types.ts';
import { readYaml, type YamlSource } from './yaml.ts';

/** The content that is shipped with the product: `program/` of the repository. */
export const programmeDirectory: string = fileURLToPath(new URL('../../../program', import.meta.url));

/**
 * Reads and checks a whole programme. All of it or nothing: Fault `invalid` tells EVERY problem at once, each with file
 * and line (`at: 'program/controls/technical.yaml:41'`). Limits: 256 KB a file, 400 files, no links, UTF-8.
 * @param checks ids of the checks that the code has: one that the content names and the code has not is a problem
 */
export async function readContent(
  directory: string,
  { checks }: { readonly checks: ReadonlySet<string> },
): Promise<Content> {
  const problems = createProblems();
  const files = await readFiles(directory, problems);
  const sources = new Map<string, YamlSource>();
  for (const { path, text } of files) {
    const source = path.endsWith('.yaml') ? readYaml(path, text, problems) : undefined;
    if (source !== undefined) sources.set(path, source);
  }
  for (const name of ['parameters', 'needs', 'subprocessors', 'organization']) {
    if (!files.some(({ path }) => path === `${name}.yaml`)) problems.add(`${name}.yaml`, 1, 'the file is missing');
  }
  const parts = partsOf(files, sources, problems);
  const organization = each(sources, /^organization\.yaml$/, (source) => readOrganization(source, problems))[0];
  const subprocessors = each(sources, /^subprocessors\.yaml$/, (source) => readSubprocessors(source, problems)).flat();
  checkReferences(parts, { checks, packages: housePackages }, problems);
  if (problems.count() > 0 || organization === undefined) throw problems.fault();
  return frozen(parts, { organization, subprocessors, digest: digestOf(files) });
}

/** What a reader makes of each source whose path is of this form; what it could not make is left out. */
const each = <T>(
  sources: ReadonlyMap<string, YamlSource>,
  form: RegExp,
  read: (source: YamlSource) => T | undefined,
): T[] =>
  [...sources].flatMap(([path, source]) => {
    const made = form.test(path) ? read(source) : undefined;
    return made === undefined ? [] : [made];
  });

function partsOf(files: readonly SourceFile[], sources: ReadonlyMap<string, YamlSource>, problems: Problems): Parts {
  const inFolder = (folder: string): RegExp => new RegExp(`^${folder}/`);
  const controls = each(sources, inFolder('controls'), (source) => readControls(source, problems)).flat();
  const parameters = each(sources, /^parameters\.yaml$/, (source) => readParameters(source, problems))[0] ?? new Map();
  const policies = files.flatMap((file) => {
    const policy = file.path.startsWith('policies/') ? readPolicy(file, problems) : undefined;
    return policy === undefined ? [] : [policy];
  });
  const told = new Set([...controls, ...policies].map(({ file }) => file));
  const lost = (folder: string): boolean => files.some(({ path }) => path.startsWith(folder) && !told.has(path));
  return {
    controls,
    parameters,
    policies,
    profiles: each(sources, inFolder('profiles'), (source) => {
      const profile = readProfile(source, problems);
      return profile && { profile, source };
    }),
    crosswalks: each(sources, inFolder('crosswalks'), (source) => {
      const crosswalk = readCrosswalk(source, problems);
      return crosswalk && { crosswalk, source };
    }),
    needs: {
      needs: each(sources, /^needs\.yaml$/, (source) => readNeeds(source, problems)).flat(),
      source: sources.get('needs.yaml'),
    },
    lost: { controls: lost('controls/'), parameters: parameters.size === 0, policies: lost('policies/') },
  };
}

function frozen(parts: Parts, rest: Pick<Content, 'organization' | 'subprocessors' | 'digest'>): Content {
  const byId = <T extends { readonly id: string }>(items: readonly T[]): Map<string, T> =>
    new Map(items.map((item) => [item.id, freeze(item)]));
  return Object.freeze({
    controls: byId(parts.controls.map(({ control }: ReadControl) => control)),
    parameters: new Map([...parts.parameters].map(([name, parameter]) => [name, freeze(parameter)])),
    policies: byId(parts.policies.map(({ policy }) => policy)),
    profiles: byId(parts.profiles.map(({ profile }) => profile)),
    crosswalks: byId(parts.crosswalks.map(({ crosswalk }) => crosswalk)),
    needs: freeze([...parts.needs.needs]),
    ...rest,
    organization: freeze(rest.organization),
    subprocessors: freeze([...rest.subprocessors]),
  });
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
