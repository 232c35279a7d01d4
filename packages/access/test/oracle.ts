import type { Principal } from '@safeguard/http';
import { lettersByAction, types } from './world.ts';

/** What the package does, said once more with plain string cutting and no tables, for tests to compare with. */

const words: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** The parameters of the test's world, by hand. */
const known: Readonly<Record<string, string>> = {
  '*': '_tag _security',
  Patient: '_tag _security gender birthdate',
  Observation: '_tag _security category code date',
  Condition: '_tag _security category code',
  Group: '_tag _security',
  Binary: '_tag _security',
};

export interface Cut {
  readonly level: string;
  readonly type: string;
  readonly letters: string;
  /** name → alternatives, as a list of pairs: all must hold. */
  readonly pairs: readonly (readonly [string, readonly string[]])[];
}

/** A FHIR scope in its parts; undefined: it is none. */
export function cut(scope: string): Cut | undefined {
  const mark = scope.indexOf('?');
  const [head, query] = mark < 0 ? [scope, undefined] : [scope.slice(0, mark), scope.slice(mark + 1)];
  const [slash, dot] = [head.indexOf('/'), head.indexOf('.')];
  const [level, type, spelled] = [head.slice(0, slash), head.slice(slash + 1, dot), head.slice(dot + 1)];
  if (slash < 0 || dot < slash || !['patient', 'user', 'system'].includes(level)) return undefined;
  const granted = Object.hasOwn(words, spelled) ? `${words[spelled]}` : spelled;
  const inOrder = [...'cruds'].filter((each) => granted.includes(each)).join('');
  if (granted === '' || granted !== inOrder || (type !== '*' && !types.has(type))) return undefined;
  const pairs = query === undefined ? [] : cutQuery(type, query);
  return pairs && { level, type, letters: granted, pairs };
}

function cutQuery(type: string, query: string): Cut['pairs'] | undefined {
  const pairs = query.split('&').map((pair): [string, string[]] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, equals)), decodeURIComponent(pair.slice(equals + 1)).split(',')];
  });
  const right = ([name, values]: [string, string[]]): boolean =>
    `${known[type]}`.split(' ').includes(name) && values.every((value) => value !== '' && value !== 'bad');
  return query !== '' && pairs.every(right) ? pairs : undefined;
}

/** What a scope of a level grants of a letter on a type. */
const grants = ({ letters, type: named }: Cut, letter: string, type: string): boolean =>
  letters.includes(letter) && (named === '*' || named === type);

/** The parts of a principal's scopes that mean something for it. */
export function useful({ kind, scopes, patient, within, tenant, assurance }: Principal): readonly Cut[] {
  if (!(tenant > 0) || (kind !== 'client' && kind !== 'user')) return [];
  if (kind === 'user' && assurance?.level !== 2) return [];
  const all = scopes.flatMap((scope) => cut(scope) ?? []);
  return all.filter(({ level }) => {
    if (kind === 'client') return level === 'system';
    if (level === 'user') return within === undefined || within.length > 0;
    return level === 'patient' && patient !== undefined && (within === undefined || within.includes(patient));
  });
}

/** What may be permitted at most, said independently: the answer must be equal, not only below. */
export function mayAct(principal: Principal, action: string, type: string | undefined): boolean {
  if (action === 'capabilities') return true;
  const all = useful(principal);
  if (action === 'client-create' && type === 'Client') {
    const { kind, tenant, patient, scopes } = principal;
    return kind === 'client' && tenant > 0 && patient === undefined && scopes.includes('safeguard/clients');
  }
  if (action === 'transaction' || action === 'batch') return all.length > 0;
  const some = (letter: string, on: string): boolean => all.some((each) => grants(each, letter, on));
  if (action === 'search-system' || action === 'history-system') {
    return all.some((each) => each.type === '*' && each.letters.includes('s'));
  }
  if (!Object.hasOwn(lettersByAction, action) || type === undefined || !types.has(type)) return false;
  return some(`${lettersByAction[action]}`, type);
}

/** A resource as sight judges it: whose it is, and the values of its parameters. */
export interface Thing {
  readonly type: string;
  readonly of: readonly string[];
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Whether a principal sees a thing by a letter. */
export function maySee(principal: Principal, letter: string, thing: Thing): boolean {
  const { patient, within, kind } = principal;
  return useful(principal).some((each) => {
    if (!grants(each, letter, thing.type)) return false;
    const near = (some: readonly string[] | undefined): boolean =>
      some === undefined || thing.of.some((one) => some.includes(one));
    const chosen = each.level === 'user' || patient === undefined ? undefined : [patient];
    const whose = near(chosen) && (kind === 'client' || near(within));
    return whose && each.pairs.every(([name, any]) => any.some((value) => thing.values[name]?.includes(value)));
  });
}
