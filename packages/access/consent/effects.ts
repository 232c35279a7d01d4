import { askingTokens } from './actors.ts';
import { type CompiledConsents, past, type Shape } from './compile.ts';
import type { Node, Side } from './provision.ts';
import { isEverything, partOf, type Term, uniqueTerms } from './terms.ts';
import type { ConsentAsking, ConsentEffect } from './types.ts';

/** One part of what a shape takes. `root`: by which of its consents. */
interface Taken {
  readonly term: Term;
  readonly except: readonly Term[];
  readonly root: number;
}

interface Asked {
  readonly tokens: ReadonlySet<string>;
  readonly at: number;
}

/** Whether the provision is about this caller, purpose and moment. */
const applies = ({ actors, purposes, from, until }: Side, { tokens, at }: Asked): boolean =>
  from <= at &&
  at < until &&
  (purposes === undefined || purposes.some((purpose) => tokens.has(purpose))) &&
  (actors === undefined || actors.some((alternative) => alternative.every((token) => tokens.has(token))));

const surely = ({ must }: Node, asked: Asked): readonly Term[] =>
  must !== undefined && applies(must, asked) ? must.terms : [];

/** What a provision and those in it take: see README.md, "How a provision is judged". */
function takenBy(node: Node, asked: Asked): Omit<Taken, 'root'>[] {
  if (!applies(node.may, asked)) return [];
  const nested = node.children.flatMap((child) => takenBy(child, asked));
  if (node.type === 'permit') return nested;
  const except = node.children.flatMap((child) => surely(child, asked));
  return [...node.path.map((term) => ({ term, except })), ...nested];
}

/** Newest first; what a newer one surely speaks of, an older one does not take. */
function takenOf({ roots }: Shape, asked: Asked): Taken[] {
  const taken: Taken[] = [];
  const spoken: Term[] = [];
  for (const [index, root] of roots.entries()) {
    for (const { term, except } of takenBy(root, asked)) {
      const given = [...except, ...spoken];
      if (!given.some(isEverything)) taken.push({ term, except: given, root: index });
    }
    spoken.push(...surely(root, asked));
    if (spoken.some(isEverything)) break;
  }
  return taken;
}

interface Group {
  readonly taken: Taken;
  readonly except: readonly Term[];
  readonly patients: string[];
  readonly consents: string[];
}

function effectOf({ taken, except, patients, consents }: Group): ConsentEffect {
  const { except: own = [], ...part } = taken.term;
  const all = uniqueTerms([...own, ...except]);
  return {
    patients,
    ...partOf(all.length === 0 ? part : { ...part, except: all }),
    consent: consents[0] ?? '',
    consents,
  };
}

function effectsOf({ shapes }: CompiledConsents, asked: Asked, letters: string | undefined): readonly ConsentEffect[] {
  const groups = new Map<string, Group>();
  const isAsked = ({ term }: Taken): boolean =>
    letters === undefined || (term.letters ?? letters).split('').some((letter) => letters.includes(letter));
  for (const shape of shapes) {
    for (const taken of takenOf(shape, asked).filter(isAsked)) {
      const except = taken.except.length < 2 ? taken.except : uniqueTerms(taken.except);
      const key = [taken.term, ...except].map((term) => term.key).join('\n');
      const group = groups.get(key) ?? { taken, except, patients: [], consents: [] };
      for (const patient of shape.patients) group.patients.push(patient);
      for (const consent of shape.consents[taken.root] ?? []) group.consents.push(consent);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(effectOf);
}

/** Answers that are kept: of callers that no Consent tells apart, and between two changes, all are the same. */
const kept_most = 256;
const kept = new WeakMap<CompiledConsents, Map<string, readonly ConsentEffect[]>>();

/**
 * What is taken from this caller at this moment. Patients from whom the same is taken share an effect. It does not
 * look at what no Consent binds: the letter `c`, patients' own accounts, break-glass (whoever asks leaves these out).
 */
export function effectsFor(compiled: CompiledConsents, asking: ConsentAsking): readonly ConsentEffect[] {
  const tokens = new Set(askingTokens(asking).filter((token) => compiled.tokens.has(token)));
  const key = [past(compiled.changes, asking.at), asking.letters ?? '*', ...[...tokens].sort()].join('\n');
  const answers = kept.get(compiled) ?? new Map<string, readonly ConsentEffect[]>();
  kept.set(compiled, answers);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const effects = effectsOf(compiled, { tokens, at: asking.at }, asking.letters);
  const [oldest] = answers.keys();
  if (answers.size >= kept_most && oldest !== undefined) answers.delete(oldest);
  answers.set(key, effects);
  return effects;
}
