import type { Principal } from '@safeguard/http';
import type { Decide } from '../../decide.ts';
import { type Letter, letters } from '../../interactions.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import type { RowFacts } from '../../policy/row.ts';
import { entitled } from '../../policy/sealed-standing.ts';
import type { Holder } from './holders.ts';
import type { SimulatedChange } from './types.ts';

const actions: Readonly<Record<Letter, string>> = {
  c: 'create',
  r: 'read',
  u: 'update',
  d: 'delete',
  s: 'search-type',
};
const examples_most = 3;

interface Tally {
  readonly change: Omit<SimulatedChange, 'people' | 'resources' | 'examples'>;
  readonly people: Set<string>;
  resources: number;
  readonly examples: SimulatedChange['examples'][number][];
}

/** The same person under one policy, at this moment, for the role's own purpose. */
function under(policy: CompiledPolicy, { role, principal, facts }: Holder, at: number): Principal {
  const purpose = policy.policy.roles[role]?.purpose ?? 'TREAT';
  return entitled(principal, { ...facts, policy, at, network: '127.0.0.1', purpose });
}

/** What is asked about: a type, or a row of it. */
export interface Question {
  readonly type: string;
  readonly row?: RowFacts;
}

/** Counts what is different between two policies, person by person. */
export function createComparison(decide: Decide, before: CompiledPolicy, after: CompiledPolicy, at: number) {
  const tallies = new Map<string, Tally>();

  function note(holder: Holder, { row }: Question, change: Tally['change']): void {
    const key = [change.change, change.role, change.type, change.letter, change.from, change.to].join(' ');
    const tally = tallies.get(key) ?? { change, people: new Set<string>(), resources: 0, examples: [] };
    tallies.set(key, tally);
    tally.people.add(holder.principal.id);
    if (row !== undefined) tally.resources += 1;
    if (tally.examples.length >= examples_most) return;
    tally.examples.push({ holder: holder.principal.id, ...(row === undefined ? {} : { resource: row.id }) });
  }

  function ask(holder: Holder, now: Principal, then: Principal, letter: Letter, question: Question): void {
    const [one, other] = [now, then].map((who) => decide(who, actions[letter], question).permit);
    const place = { role: holder.role, type: question.type, letter };
    if (one !== other) note(holder, question, { ...place, change: other ? 'opens' : 'closes' });
    else if (one && now.view !== then.view) {
      note(holder, question, { ...place, change: 'view', from: now.view, to: then.view });
    }
  }

  return {
    look(holder: Holder, questions: readonly Question[]): void {
      const [now, then] = [under(before, holder, at), under(after, holder, at)];
      for (const question of questions) {
        for (const letter of letters) ask(holder, now, then, letter as Letter, question);
      }
    },
    changes(): SimulatedChange[] {
      const order = { opens: 0, view: 1, closes: 2 } as const;
      return [...tallies.values()]
        .map(({ change, people, resources, examples }) => ({ ...change, people: people.size, resources, examples }))
        .sort(
          (one, other) =>
            order[one.change] - order[other.change] ||
            one.role.localeCompare(other.role) ||
            one.type.localeCompare(other.type) ||
            letters.indexOf(one.letter) - letters.indexOf(other.letter),
        );
    },
  };
}
