import { letters } from '../interactions.ts';
import type { CompiledRule } from './compile-rules.ts';
import type { Context } from './occasion.ts';
import type { Policy } from './types.ts';

/** The rules of one subject for a letter on a type. */
export interface Cell {
  /** Those that depend on least first. */
  readonly permits: readonly CompiledRule[];
  readonly forbids: readonly CompiledRule[];
  /** Of the forbids those that ask nothing of the row. */
  readonly total: readonly CompiledRule[];
}

/** By the letter's place. */
type Cells = readonly Cell[];

/** Of a type and a letter who has any rule at all, so that whoever has none is passed over without a look at theirs. */
export interface Column {
  /** A bit for each subject, by its number. */
  readonly some: Uint8Array;
  /** Whether anybody has a forbid that asks nothing of the row. */
  readonly hasTotal: boolean;
}

/** The rules that name one subject. Of a role without the permits that its row of the matrix does not let through. */
export interface SubjectRules {
  /** Among all subjects of the policy. */
  readonly number: number;
  /** Of the types that rules name. */
  readonly named: ReadonlyMap<string, Cells>;
  /** Of all others: where the matrix lets permits through, and where it does not. */
  readonly open: Cells;
  readonly shut: Cells;
  /** Which letters the matrix lets through, by type; undefined: every one of all. */
  readonly matrix: Matrix | undefined;
  /** Views of the permits and when they are open: the widest of each, in that order. */
  readonly views: readonly { readonly width: number; readonly context: Context | undefined }[];
}

type Matrix = ReadonlyMap<string, readonly boolean[]>;

/** What a sensitive category is called, and its labels. */
export type SensitiveLabels = ReadonlyMap<string, readonly string[]>;

/** The whole policy by who, so that a decision never looks at rules for others. */
export interface RuleIndex {
  readonly rules: readonly CompiledRule[];
  readonly roles: ReadonlyMap<string, SubjectRules>;
  readonly groups: ReadonlyMap<string, SubjectRules>;
  readonly users: ReadonlyMap<string, SubjectRules>;
  readonly clients: ReadonlyMap<string, SubjectRules>;
  readonly everyone: SubjectRules | undefined;
  readonly sensitive: SensitiveLabels;
  /** All of their names. */
  readonly sensitiveNames: readonly string[];
  /** By type, then by the letter's place. */
  readonly columns: ReadonlyMap<string, readonly Column[]>;
}

const places = [...letters].map((_, place) => place);

export const isThrough = (matrix: Matrix | undefined, type: string, place: number): boolean =>
  matrix === undefined || matrix.get(type)?.[place] === true;

/** The rules of a subject for a letter, by its place, on a type. */
export function cellIn(
  { named, open, shut, matrix }: Pick<SubjectRules, 'named' | 'open' | 'shut' | 'matrix'>,
  type: string,
  place: number,
): Cell {
  const cells = named.get(type) ?? (isThrough(matrix, type, place) ? open : shut);
  return cells[place] ?? nothing;
}

const nothing: Cell = Object.freeze({ permits: [], forbids: [], total: [] });

/** Least dependent first: what is decided by it is decided soonest. The widest views before all. */
const cost = ({ context, compartment, query, width }: CompiledRule): number =>
  (context ? 4 : 0) + (compartment ? 2 : 0) + (query === undefined ? 0 : 1) - width * 8;

const isTotal = ({ compartment, query, any, none }: CompiledRule): boolean =>
  compartment === undefined && query === undefined && any === undefined && none.length === 0;

function cellOf(rules: readonly CompiledRule[], isOpen: boolean): Cell {
  if (rules.length === 0) return nothing;
  const permits = isOpen ? rules.filter(({ permit }) => permit).sort((one, other) => cost(one) - cost(other)) : [];
  const forbids = rules.filter(({ permit }) => !permit);
  return { permits, forbids, total: forbids.filter(isTotal) };
}

const onLetter = (rules: readonly CompiledRule[], place: number): CompiledRule[] =>
  rules.filter(({ letters: of }) => of[place] === true);

function byNamedType(rules: readonly CompiledRule[]): Map<string, CompiledRule[]> {
  const all = new Map<string, CompiledRule[]>();
  for (const rule of rules) {
    if (rule.types === '*') continue;
    for (const type of rule.types) {
      const list = all.get(type) ?? [];
      all.set(type, list);
      list.push(rule);
    }
  }
  return all;
}

/** Whether a permit reaches anything at all. */
function isLive({ types, letters: of }: CompiledRule, matrix: Matrix): boolean {
  const named = types === '*' ? [...matrix.keys()] : [...types];
  return named.some((type) => places.some((place) => of[place] === true && isThrough(matrix, type, place)));
}

function viewsOf(permits: readonly CompiledRule[]): SubjectRules['views'] {
  const widest = new Map<Context | undefined, number>();
  for (const { width, context } of permits) widest.set(context, Math.max(width, widest.get(context) ?? 0));
  const views = [...widest].map(([context, width]) => ({ width, context }));
  return views.sort((one, other) => other.width - one.width);
}

function subjectRules(rules: readonly CompiledRule[], matrix: Matrix | undefined, number: number): SubjectRules {
  const wild = rules.filter(({ types }) => types === '*');
  const named = [...byNamedType(rules)].map(([type, own]): [string, Cells] => [
    type,
    places.map((place) => cellOf(onLetter([...own, ...wild], place), isThrough(matrix, type, place))),
  ]);
  const permits = rules.filter((rule) => rule.permit && (matrix === undefined || isLive(rule, matrix)));
  return {
    number,
    named: new Map(named),
    open: places.map((place) => cellOf(onLetter(wild, place), true)),
    shut: places.map((place) => cellOf(onLetter(wild, place), false)),
    matrix,
    views: viewsOf(permits),
  };
}

type Named = 'roles' | 'groups' | 'users' | 'clients';

function bySubject(rules: readonly CompiledRule[], named: Named): Map<string, CompiledRule[]> {
  const all = new Map<string, CompiledRule[]>();
  for (const rule of rules) {
    for (const one of new Set(rule.source.who[named])) {
      const list = all.get(one) ?? [];
      all.set(one, list);
      list.push(rule);
    }
  }
  return all;
}

/** A role's row of the matrix, by type. A type that is in no category, a role without a row: nothing. */
function matrixOf({ matrix, categories }: Policy, role: string): Matrix {
  const row = matrix[role] ?? {};
  const cells = Object.entries(categories).flatMap(([category, { types }]) => {
    const granted = row[category] ?? '';
    const through = [...letters].map((letter) => granted.includes(letter));
    return types.map((type): [string, boolean[]] => [type, through]);
  });
  return new Map(cells);
}

function columnOf(subjects: readonly SubjectRules[], type: string, place: number): Column {
  const some = new Uint8Array((subjects.length + 7) >> 3);
  let hasTotal = false;
  for (const subject of subjects) {
    const { permits, forbids, total } = cellIn(subject, type, place);
    hasTotal ||= total.length > 0;
    if (permits.length + forbids.length === 0) continue;
    some[subject.number >> 3] = (some[subject.number >> 3] ?? 0) | (1 << (subject.number & 7));
  }
  return { some, hasTotal };
}

/** `types`: every type that exists. */
export function compileIndex(policy: Policy, rules: readonly CompiledRule[], types: ReadonlySet<string>): RuleIndex {
  const subjects: SubjectRules[] = [];
  const made = (own: readonly CompiledRule[], matrix?: Matrix): SubjectRules => {
    const one = subjectRules(own, matrix, subjects.length);
    subjects.push(one);
    return one;
  };
  const indexed = (named: Named): Map<string, SubjectRules> =>
    new Map(
      [...bySubject(rules, named)].map(([one, own]) => [
        one,
        made(own, named === 'roles' ? matrixOf(policy, one) : undefined),
      ]),
    );
  const forAll = rules.filter(({ source }) => source.who.everyone === true);
  const sensitive = new Map(Object.entries(policy.sensitive).map(([name, { labels }]) => [name, labels]));
  const bySubjects = {
    roles: indexed('roles'),
    groups: indexed('groups'),
    users: indexed('users'),
    clients: indexed('clients'),
    everyone: forAll.length === 0 ? undefined : made(forAll),
  };
  return {
    rules,
    ...bySubjects,
    sensitive,
    sensitiveNames: [...sensitive.keys()],
    columns: new Map([...types].map((type) => [type, places.map((place) => columnOf(subjects, type, place))])),
  };
}
