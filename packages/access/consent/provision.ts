import { type Actors, type Read, readActors, withUntold } from './actors.ts';
import { readAllData } from './data/data.ts';
import { always, type Span, spanOf } from './period.ts';
import { codeOf, type Fields, hasOnly, listOf } from './shape.ts';
import { allOf, everything, type Term } from './terms.ts';
import { isPurpose, systems } from './vocabulary.ts';

/** When a provision is about the question, and about which data. */
export interface Side extends Span {
  /** Absent: whoever asks. */
  readonly actors?: Actors;
  /** Tokens, of which the caller must have one. Absent: whatever for. */
  readonly purposes?: readonly string[];
  readonly terms: readonly Term[];
}

/** A provision, read. `may`: all that it may be about; `must`: what it surely is about; absent: nothing. */
export interface Node {
  readonly type: 'permit' | 'deny';
  readonly may: Side;
  readonly must?: Side;
  /** What `may` comes to with those of the provisions around. */
  readonly path: readonly Term[];
  readonly children: readonly Node[];
}

/** What is known while a Consent's provisions are read. */
export interface Reading {
  readonly patient: string;
  /** A permission holds from here on at the earliest: when the Consent was given. */
  readonly since: number;
  note(reason: string): void;
}

const known: ReadonlySet<string> = new Set([
  ...['type', 'period', 'actor', 'action', 'securityLabel', 'purpose', 'class', 'code', 'dataPeriod', 'data'],
  ...['provision', '_type'],
]);
const depth_most = 10;

function readPurposes(value: unknown): Read<string> {
  const codes = listOf(value)?.map(codeOf) ?? [undefined];
  const clear = codes.flatMap((code) =>
    code !== undefined && isPurpose(code.code) && (code.system ?? systems.purpose) === systems.purpose
      ? [code.code]
      : [],
  );
  return { clear: clear.map((code) => `for ${code}`), unclear: clear.length < codes.length };
}

function sidesOf(provision: Fields, type: Node['type'], reading: Reading): { may: Side; must?: Side } {
  const { note, since } = reading;
  const span = provision.period === undefined ? always : spanOf(provision.period);
  const actors = provision.actor === undefined ? undefined : readActors(provision.actor);
  const purposes = provision.purpose === undefined ? undefined : readPurposes(provision.purpose);
  if (span === undefined) note('period is not understood');
  if (actors?.unclear) note('actor is not understood');
  if (purposes?.unclear) note('purpose is not understood');
  const terms = readAllData(provision, type, reading);
  const may: Side = {
    ...(span ?? always),
    ...(actors === undefined || actors.unclear ? {} : { actors: withUntold(actors.clear) }),
    ...(purposes === undefined || purposes.unclear ? {} : { purposes: purposes.clear }),
    terms: terms.may,
  };
  const nobody = actors?.clear.length === 0 || purposes?.clear.length === 0 || terms.must.length === 0;
  if (span === undefined || nobody) return { may };
  const must: Side = {
    ...{ from: Math.max(span.from, since), until: span.until, terms: terms.must },
    ...(actors === undefined ? {} : { actors: actors.clear }),
    ...(purposes === undefined ? {} : { purposes: purposes.clear }),
  };
  return { may, must };
}

const anything: Side = { ...always, terms: [everything] };

/** Denies whatever it is asked: what stands for a provision that cannot be understood at all. */
export const denyAll = (path: readonly Term[]): Node => ({ type: 'deny', may: anything, path, children: [] });

const opposite = { permit: 'deny', deny: 'permit' } as const;

function typeOf({ type }: Fields, around: Node['type'] | undefined, note: Reading['note']): Node['type'] {
  if (type === 'permit' || type === 'deny') return type;
  if (type !== undefined || around === undefined) note('type is not understood');
  return type === undefined && around !== undefined ? opposite[around] : 'deny';
}

/** One provision and those in it. `around`: the type of the one that it stands in. */
export function readProvision(
  provision: Fields,
  reading: Reading,
  around: { readonly type?: Node['type']; readonly path: readonly Term[]; readonly depth: number },
): Node {
  const { note } = reading;
  const nested = listOf(provision.provision);
  if (!hasOnly(provision, known) || nested === undefined || around.depth > depth_most) {
    note('a provision has parts that are not understood');
    return denyAll(around.path);
  }
  const type = typeOf(provision, around.type, note);
  const { may, must } = sidesOf(provision, type, reading);
  const path = allOf([around.path, may.terms]) ?? around.path;
  const children = nested.map((one) => readProvision(one, reading, { type, path, depth: around.depth + 1 }));
  return { type, may, ...(must === undefined ? {} : { must }), path, children };
}
