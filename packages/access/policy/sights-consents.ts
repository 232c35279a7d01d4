import type { ConsentEffect, ConsentPart } from '../consent/types.ts';
import type { JudgeParameter, ParameterAnswer } from '../restriction.ts';
import type { Exception } from '../sight.ts';

/** What is asked of the parameters of types: the same few questions at every request. */
const remembered_most = 10_000;

/** What a type answers to a query: the worst answer of its conditions. */
type JudgeQuery = (type: string, query: string) => ParameterAnswer;

function judgeOf(judge: JudgeParameter, type: string, query: string): ParameterAnswer {
  const answers = [...new URLSearchParams(query)].map(([name, value]) => judge(type, name.replace(/:.*$/, ''), value));
  return answers.find((one) => one === 'unknown') ?? answers.find((one) => one === 'refused') ?? 'served';
}

function createJudgeQuery(judge: JudgeParameter): JudgeQuery {
  const known = new Map<string, ParameterAnswer>();
  return (type, query) => {
    const key = `${type}?${query}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = judgeOf(judge, type, query);
    if (known.size >= remembered_most) known.clear();
    known.set(key, answer);
    return answer;
  };
}

/** Ids of the instances of a type. */
const idsOf = (instances: readonly string[], type: string): string[] =>
  instances.filter((one) => one.startsWith(`${type}/`)).map((one) => one.slice(type.length + 1));

/**
 * The conditions of a provision on rows of a type by a letter; undefined: it means none of them. A condition that
 * cannot be asked of the type makes what takes wider, and what gives back nothing: in doubt for the patient.
 */
function conditionsOf(
  judge: JudgeQuery,
  { types, queries, instances, letters }: ConsentPart,
  { type, letter, takes }: { readonly type: string; readonly letter: string; readonly takes: boolean },
): Pick<Exception, 'ids' | 'query'> | undefined {
  if (letters?.includes(letter) === false || types?.includes(type) === false) return undefined;
  const ids = instances && idsOf(instances, type);
  if (ids?.length === 0) return undefined;
  const answers = (queries ?? []).map((query) => ({ query, answer: judge(type, query) }));
  if (answers.some(({ answer }) => answer === 'unknown' || (answer === 'refused' && !takes))) return undefined;
  const asked = answers.filter(({ answer }) => answer === 'served').map(({ query }) => query);
  return { ...(ids ? { ids } : {}), ...(asked.length > 0 ? { query: asked.join('&') } : {}) };
}

interface About {
  readonly type: string;
  readonly letter: string;
  readonly takes: boolean;
}

function exceptionOf(judge: JudgeQuery, provision: ConsentPart, about: About): Exception | undefined {
  const conditions = conditionsOf(judge, provision, about);
  if (conditions === undefined) return undefined;
  const inner = { ...about, takes: !about.takes };
  const except = (provision.except ?? []).flatMap((one) => exceptionOf(judge, one, inner) ?? []);
  if (except.some((one) => Object.keys(one).length === 0)) return undefined;
  return except.length === 0 ? conditions : { ...conditions, except };
}

/** Of an effect, as an exception; with the effect that it comes of. */
export interface ConsentException {
  readonly exception: Exception;
  readonly effect: ConsentEffect;
}

/** Which Consent it was, of a row that is excepted. */
export function consentOf({ exception, effect }: ConsentException, ofRow: readonly string[]): string {
  const place = effect.patients.findIndex((one) => ofRow.includes(one) && exception.patients?.includes(one));
  return effect.consents?.[place] ?? effect.consent;
}

/**
 * What consents take of a type by a letter. Nothing of it binds the patients themselves, nor whoever acts for them:
 * `within`. Nothing binds creating.
 */
export function createConsentExceptions(parameters: JudgeParameter | undefined) {
  const judge: JudgeQuery = parameters === undefined ? () => 'served' : createJudgeQuery(parameters);
  return (
    effects: readonly ConsentEffect[],
    within: readonly string[] | undefined,
    about: { readonly type: string; readonly letter: string },
  ): readonly ConsentException[] => {
    if (about.letter === 'c') return [];
    return effects.flatMap((effect) => {
      const patients = within ? effect.patients.filter((one) => !within.includes(one)) : effect.patients;
      const exception = patients.length > 0 && exceptionOf(judge, effect, { ...about, takes: true });
      return exception ? { exception: { patients, ...exception }, effect } : [];
    });
  };
}

export type ConsentExceptions = ReturnType<typeof createConsentExceptions>;
