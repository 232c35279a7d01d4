import { dateTimeSpan, isResourceType, parametersOf, valuesOf } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Question } from './judge.ts';
import { type Code, codeOf, codesOf, type Fields, fieldsOf, hasOnly, listOf } from './shape.ts';
import { confidentialities, labelsBelow, lettersByAction, systems } from './vocabulary.ts';

/** Whether something may be meant, and whether it surely is. */
export interface Answer {
  readonly maybe: boolean;
  readonly surely: boolean;
}

const yes: Answer = { maybe: true, surely: true };
export const no: Answer = { maybe: false, surely: false };

export const answers = {
  yes,
  maybe: { maybe: true, surely: false },
  any: (some: readonly Answer[]): Answer => ({
    maybe: some.some(({ maybe }) => maybe),
    surely: some.some(({ surely }) => surely),
  }),
  all: (some: readonly Answer[]): Answer => ({
    maybe: some.every(({ maybe }) => maybe),
    surely: some.every(({ surely }) => surely),
  }),
} as const;

const told = (is: boolean): Answer => (is ? yes : no);

function judgeClass(list: readonly Fields[], { resource }: Question): Answer {
  return answers.any(
    list.map(({ system, code }) => {
      if (system !== systems.types || !isResourceType(String(code))) return answers.maybe;
      return told(code === resource.resourceType);
    }),
  );
}

/** The values of the first of these search parameters that the type has. */
function valuesAt(resource: JsonObject, names: readonly string[]): ReturnType<typeof valuesOf> | undefined {
  const parameters = parametersOf(String(resource.resourceType));
  const parameter = names.map((name) => parameters.get(name)).find((one) => one !== undefined);
  return parameter && valuesOf(resource, parameter);
}

function judgeCode(list: readonly Fields[], { resource }: Question): Answer {
  const said = ['code', 'type', 'vaccine-code'].flatMap((name) => valuesAt(resource, [name]) ?? []);
  const stands = (code: Code, exactly: boolean): boolean =>
    said.some(
      (one) =>
        one.kind === 'token' &&
        one.code === code.code &&
        (one.system === code.system || (code.system === undefined && !exactly)),
    );
  return answers.any(
    list.map((concept) => {
      const codes = codesOf(concept);
      if (codes.length === 0) return answers.maybe;
      return { maybe: codes.some((one) => stands(one, false)), surely: codes.some((one) => stands(one, true)) };
    }),
  );
}

const rankOf = ({ system, code }: Code): number =>
  system === systems.confidentiality ? (confidentialities as readonly string[]).indexOf(code) : -1;

function judgeLabels(list: readonly Fields[], { resource }: Question, type: string): Answer {
  const labels = (listOf(fieldsOf(resource.meta).security) ?? []).flatMap((one) => codeOf(one) ?? []);
  const ranks = labels.map(rankOf).filter((rank) => rank >= 0);
  const wanted = list.map(codeOf);
  const top = Math.max(...wanted.map((one) => (one === undefined ? -1 : rankOf(one))));
  const judgeRank = (rank: number): Answer => {
    if (type === 'deny') return told(ranks.some((one) => one >= rank));
    return { maybe: ranks.some((one) => one <= rank), surely: ranks.length > 0 && Math.max(...ranks) <= top };
  };
  const judgeLabel = (one: Code): Answer => {
    const below = one.system === systems.act ? labelsBelow(one.code) : [one.code];
    const sure = type === 'deny' ? below : [one.code];
    return {
      maybe: labels.some(({ system, code }) => (one.system ?? system) === system && below.includes(code)),
      surely: labels.some(({ system, code }) => one.system === system && sure.includes(code)),
    };
  };
  return answers.any(
    wanted.map((one) => {
      if (one === undefined) return answers.maybe;
      return rankOf(one) >= 0 ? judgeRank(rankOf(one)) : judgeLabel(one);
    }),
  );
}

const timeless = ['Coverage', 'Group', 'Patient', 'Person', 'RelatedPerson'];
const dateNames =
  'authoredon authored authored-on effective-time effective recorded-date date datetime created started collected ' +
  'whenhandedover sent start-date occurrence datewritten identified issued recorded period start';

function judgeDataPeriod(value: unknown, { resource }: Question): Answer {
  const period = fieldsOf(value);
  const { start, end } = period;
  const from = start === undefined ? Number.NEGATIVE_INFINITY : dateTimeSpan(String(start))?.start;
  const until = end === undefined ? Number.POSITIVE_INFINITY : dateTimeSpan(String(end))?.end;
  if (from === undefined || until === undefined || !hasOnly(period, new Set(['start', 'end']))) return answers.maybe;
  if (timeless.includes(String(resource.resourceType))) return no;
  const dates = valuesAt(resource, dateNames.split(' '));
  if (dates === undefined) return answers.maybe;
  const spans = dates.flatMap((one) => (one.kind === 'date' ? [one] : []));
  const outside = spans.some(({ low, high }) => high <= from || low >= until);
  const inside = spans.some(({ low }) => low >= from) && spans.some(({ high }) => high <= until);
  // Without an end on either side every resource of a type with dates is within.
  const open = start === undefined && end === undefined;
  return { maybe: !outside, surely: open || inside };
}

function judgeInstance(data: Fields, { resource, patient }: Question): Answer {
  const { reference } = fieldsOf(data.reference);
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([^/]+)(?:\/_history\/[^/]+)?$/.exec(String(reference)) ?? [];
  if (data.modifierExtension !== undefined || type === undefined) return answers.maybe;
  const itself = resource.resourceType === type && resource.id === id;
  if (data.meaning === 'instance') return told(itself);
  if (data.meaning === 'dependents' && type === 'Patient' && id === patient) return yes;
  if (data.meaning === 'dependents' && type === 'Encounter') {
    const references = ['encounter', 'context'].flatMap((name) => valuesAt(resource, [name]) ?? []);
    return told(itself || references.some((one) => one.kind === 'reference' && one.type === type && one.id === id));
  }
  return { maybe: true, surely: itself && data.meaning !== 'authoredby' };
}

function judgeAction(list: readonly Fields[], { letter }: Question): Answer {
  return answers.any(
    list.map((concept) => {
      const known = codesOf(concept).find(
        ({ system, code }) => system === systems.action && Object.hasOwn(lettersByAction, code),
      );
      return known === undefined ? answers.maybe : told(lettersByAction[known.code]?.includes(letter) === true);
    }),
  );
}

/** Whether the provision is about this resource. */
export function judgeData(provision: Fields, question: Question, type: 'permit' | 'deny'): Answer {
  const byList = (value: unknown, judge: (list: readonly Fields[], question: Question) => Answer): Answer => {
    const list = listOf(value);
    if (value === undefined) return yes;
    return list === undefined ? answers.maybe : judge(list, question);
  };
  return answers.all([
    byList(provision.class, judgeClass),
    byList(provision.code, judgeCode),
    byList(provision.securityLabel, (list) => judgeLabels(list, question, type)),
    provision.dataPeriod === undefined ? yes : judgeDataPeriod(provision.dataPeriod, question),
    byList(provision.data, (list) => answers.any(list.map((one) => judgeInstance(one, question)))),
    byList(provision.action, judgeAction),
  ]);
}
