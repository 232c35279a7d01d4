import { join, resolve } from 'node:path';
import { fault } from '@safeguard/kernel';
import { leaves } from './leaves.ts';
import { checkNode, checkRules, type Parsed } from './rules.ts';
import { type Findings, fromEnvironment, fromFile, fromProgramme, fromTree, type Values } from './sources.ts';

type Deep<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T;

/** All settings, frozen. Times and sizes carry their unit in their name. */
export type Settings = Deep<Omit<Parsed, 'keys'>> & {
  readonly keys: { readonly directory: string; readonly passphrase?: string | undefined };
  /** To be printed loudly at every start. */
  readonly warnings: readonly string[];
  /** Names of settings that the command line, the environment or the file gave: they outrank the programme. */
  readonly given: readonly string[];
};

type Loose<T> = { readonly [K in keyof T]?: (T[K] extends object ? Loose<T[K]> : T[K] | string) | undefined };

export interface LoadOptions {
  /** From the command line: a tree in the shape of the settings; outranks everything. Texts are converted. */
  readonly overrides?: Loose<Omit<Settings, 'warnings' | 'given'>>;
  /** Default: the process's environment, which nothing else in Safeguard reads. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values of the compliance programme's parameters, by name of the setting: they stand in for defaults. */
  readonly programme?: ReadonlyMap<string, unknown>;
}

/**
 * Reads every setting: command line, then environment, then `<data>/safeguard.json`, then the programme's
 * parameters, then default.
 * Throws Fault `invalid` with one issue for EVERY error; no text of it holds a value.
 */
export function loadSettings({ overrides = {}, env = process.env, programme = new Map() }: LoadOptions = {}): Settings {
  const findings: Findings = { problems: [], warnings: [] };
  const line = fromTree(overrides, 'command line', findings);
  warnOfProcessList(line, findings);
  const environment = fromEnvironment(env, findings);
  const data = resolve(String((line.get('data') ?? environment.get('data'))?.value ?? './data'));
  const file = fromFile(data, findings);
  checkNode(env, findings);
  const given = [line, environment, file];
  const parameters = fromProgramme(programme, findings);
  const parsed = parse([...given, parameters], findings);
  checkRules(parsed, findings);
  if (findings.problems.length > 0) throw refusal(findings.problems);
  const names = [...new Set(given.flatMap((values) => [...values.keys()]))];
  return freeze({ ...settle(parsed as Parsed, data), warnings: findings.warnings, given: names });
}

function parse(sources: readonly Values[], findings: Findings): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const leaf of leaves) {
    const found = sources.map((values) => values.get(leaf.name)).find((one) => one !== undefined);
    const result = leaf.type.safeParse(found?.value);
    const told = result.error?.issues.map((issue) => issue.message.replace(/^Invalid input: /, '')).join(', ');
    if (told !== undefined) findings.problems.push(`${leaf.name} (${found?.source}): ${told}`);
    if (result.data !== undefined) place(tree, leaf.path, result.data);
    else place(tree, leaf.path);
  }
  return tree;
}

/** Puts a value into the tree; without one, only the branch is made. */
function place(tree: Record<string, unknown>, path: readonly string[], value?: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    if (value !== undefined) tree[head] = value;
    return;
  }
  const branch = (tree[head] ?? {}) as Record<string, unknown>;
  tree[head] = branch;
  place(branch, rest, value);
}

function settle(parsed: Parsed, data: string) {
  const directory = resolve(parsed.keys.directory ?? join(data, 'keys'));
  return { ...parsed, data, keys: { ...parsed.keys, directory } };
}

function freeze<T extends object>(tree: T): T {
  for (const value of Object.values(tree)) if (typeof value === 'object' && value !== null) freeze(value);
  return Object.freeze(tree);
}

const refusal = (problems: readonly string[]) =>
  fault('invalid', `These settings cannot be used:\n${problems.map((one) => `  - ${one}`).join('\n')}`, {
    issues: problems.map((text) => ({ severity: 'error', code: 'invalid', text })),
  });

function warnOfProcessList(line: Values, findings: Findings): void {
  for (const { name, env, meta } of leaves)
    if (meta.secret === true && line.has(name))
      findings.warnings.push(`${name}: a secret on the command line can be read in the process list; use ${env}_FILE`);
}
