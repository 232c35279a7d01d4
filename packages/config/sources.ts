import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Leaf, leaves } from './leaves.ts';
import { nearest } from './nearest.ts';

/** One value as it was found, and where. */
export interface Found {
  readonly value: unknown;
  /** For messages: `--port`, `SAFEGUARD_PORT`, `safeguard.json`. Never the value. */
  readonly source: string;
}

export type Values = Map<string, Found>;

/** What reading collects on its way: problems stop the start, warnings are printed. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

const prefix = 'SAFEGUARD_';
const othersMayRead = 0o077;

/** A text of the environment or of the command line, as the type of its setting wants it. */
function converted(leaf: Leaf, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (leaf.kind === 'number') return /^-?\d+$/.test(value) ? Number(value) : value;
  if (leaf.kind === 'list')
    return value
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  return value;
}

function readSecret(file: unknown, source: string, findings: Findings): string | undefined {
  try {
    const path = String(file);
    if ((statSync(path).mode & othersMayRead) !== 0)
      findings.warnings.push(`${source}: the file can be read by others than its owner`);
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    findings.problems.push(`${source}: the file cannot be read`);
    return undefined;
  }
}

const known = (names: readonly string[], name: string, source: string): string =>
  `${source}: there is no setting ${JSON.stringify(name.slice(0, 60))}; the nearest is ${nearest(name, names)}`;

/** SAFEGUARD_* variables; an empty one is as none. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>, findings: Findings): Values {
  const byName = new Map(leaves.map((leaf) => [leaf.env, leaf]));
  const values: Values = new Map();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined || value === '') continue;
    const leaf = byName.get(name);
    const secret = byName.get(name.replace(/_FILE$/, ''));
    if (leaf !== undefined) put(values, leaf, { value, source: name }, findings);
    else if (secret?.meta.secret === true && name.endsWith('_FILE'))
      put(values, secret, { value: readSecret(value, name, findings), source: name }, findings);
    else findings.problems.push(known([...byName.keys()], name, 'environment'));
  }
  return values;
}

function put(values: Values, leaf: Leaf, { value, source }: Found, findings: Findings): void {
  if (values.has(leaf.name)) findings.problems.push(`${leaf.name}: given twice, as a value and as a file`);
  if (value !== undefined) values.set(leaf.name, { value: converted(leaf, value), source });
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A tree of settings, from the settings file or from the command line. */
export function fromTree(tree: unknown, source: string, findings: Findings): Values {
  const values: Values = new Map();
  const byName = new Map(leaves.map((leaf) => [leaf.name, leaf]));
  const groups = new Set(leaves.flatMap(({ path }) => (path.length > 1 ? [path[0]] : [])));
  const visit = (branch: Readonly<Record<string, unknown>>, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(branch)) {
      const name = [...path, key].join('.');
      const leaf = byName.get(name);
      const secret = byName.get(name.replace(/_file$/, ''));
      if (value === undefined) continue;
      if (leaf !== undefined) put(values, leaf, { value, source }, findings);
      else if (secret?.meta.secret === true && name.endsWith('_file'))
        put(values, secret, { value: readSecret(value, `${source} ${name}`, findings), source }, findings);
      else if (groups.has(name) && isTree(value)) visit(value, [name]);
      else findings.problems.push(known([...byName.keys()], name, source));
    }
  };
  if (isTree(tree)) visit(tree, []);
  else findings.problems.push(`${source}: expected an object of settings`);
  return values;
}

/** `<data>/safeguard.json`, if it is there. Whoever may write it decides over the instance, so others may not. */
export function fromFile(data: string, findings: Findings): Values {
  const path = join(data, 'safeguard.json');
  const text = readIfThere(path, findings);
  if (text === undefined) return new Map();
  try {
    const values = fromTree(JSON.parse(text), 'safeguard.json', findings);
    if (values.has('data'))
      findings.problems.push('safeguard.json: `data` says where this file is; it cannot stand in it');
    warnOfReaders(path, values, findings);
    return values;
  } catch {
    findings.problems.push('safeguard.json: the file is not JSON');
    return new Map();
  }
}

/** Parameters of the compliance programme that are settings. Their file is checked by `programme`; here only names. */
export function fromProgramme(parameters: ReadonlyMap<string, unknown>, findings: Findings): Values {
  const byName = new Map(leaves.map((leaf) => [leaf.name, leaf]));
  const values: Values = new Map();
  for (const [name, value] of parameters) {
    const leaf = byName.get(name);
    if (leaf === undefined) findings.problems.push(known([...byName.keys()], name, 'program/parameters.yaml'));
    else put(values, leaf, { value, source: 'program/parameters.yaml' }, findings);
  }
  return values;
}

function readIfThere(path: string, findings: Findings): string | undefined {
  try {
    if ((statSync(path).mode & 0o022) !== 0)
      findings.problems.push('safeguard.json: the file can be written by others than its owner');
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      findings.problems.push('safeguard.json: the file cannot be read');
    return undefined;
  }
}

function warnOfReaders(path: string, values: Values, findings: Findings): void {
  const holdsSecret = leaves.some((leaf) => leaf.meta.secret === true && values.has(leaf.name));
  if (holdsSecret && (statSync(path).mode & othersMayRead) !== 0)
    findings.warnings.push('safeguard.json: holds a secret and can be read by others than its owner');
}
