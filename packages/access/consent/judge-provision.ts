import { dateTimeSpan } from '@safeguard/fhir';
import type { Question } from './judge.ts';
import { type Answer, answers, judgeData, no } from './judge-data.ts';
import { codesOf, type Fields, fieldsOf, listOf } from './shape.ts';
import { isPurpose, purposesAbove, recipientRoles, systems } from './vocabulary.ts';

/** What a provision says: whether it denies, and whether it surely is about the question at all. */
export interface Judged {
  readonly denied: boolean;
  readonly surely: boolean;
}

export const unclear: Judged = { denied: true, surely: false };

const attributes = [
  ...['id', 'extension', 'type', '_type', 'period', 'actor', 'action', 'securityLabel', 'purpose', 'class', 'code'],
  ...['dataPeriod', 'data', 'provision'],
];

/** Inside of [start, end], both with the whole of what they say. */
function judgePeriod(value: unknown, at: number): Answer {
  const { start, end, id: _id, extension: _extension, ...more } = fieldsOf(value);
  const from = start === undefined ? undefined : dateTimeSpan(String(start));
  const to = end === undefined ? undefined : dateTimeSpan(String(end));
  const odd = Object.keys(more).length > 0 || (start !== undefined && !from) || (end !== undefined && !to);
  if (odd) return answers.maybe;
  return (from === undefined || from.start <= at) && (to === undefined || at < to.end) ? answers.yes : no;
}

function judgePurpose(value: unknown, purpose: string): Answer {
  const list = listOf(value);
  if (list === undefined) return answers.maybe;
  const each = list.map(({ system = systems.purpose, code }) => {
    if (system !== systems.purpose || typeof code !== 'string' || !isPurpose(code)) return answers.maybe;
    return purposesAbove(purpose).includes(code) ? answers.yes : no;
  });
  return answers.any(each);
}

/** Whether the caller is, or belongs to, what the reference names. */
function isNamed(reference: string, { asking }: Question): Answer {
  const [type, id = ''] = reference.split('/');
  const { client, fhir_user, organizations } = asking;
  if (reference === fhir_user) return answers.yes;
  const among = (ids: readonly string[] | undefined): Answer => {
    // Of somebody whom no resource stands for, no CareTeam and no PractitionerRole tells.
    if (ids === undefined) return fhir_user === undefined ? no : answers.maybe;
    return ids.includes(id) ? answers.yes : no;
  };
  switch (type) {
    case 'Organization':
      return among(organizations);
    case 'CareTeam':
      return among(asking.careTeams);
    case 'PractitionerRole':
      return among(asking.practitionerRoles);
    case 'Device':
      return client === id ? answers.yes : no;
    case 'Practitioner':
    case 'Patient':
    case 'RelatedPerson':
      return no;
    default:
      return answers.maybe;
  }
}

function judgeActor(actor: Fields, question: Question): Answer {
  if (actor.modifierExtension !== undefined) return answers.maybe;
  const codes = codesOf(actor.role);
  const own = codes.find(({ system }) => system === systems.role);
  const { reference, identifier, type } = fieldsOf(actor.reference);
  const held = own === undefined || question.asking.roles.includes(own.code) ? answers.yes : no;
  if (own !== undefined && reference === undefined && identifier === undefined && type === undefined) return held;
  const understood = own !== undefined || codes.some(({ system = '', code }) => recipientRoles[system]?.includes(code));
  if (!understood || typeof reference !== 'string') return answers.maybe;
  const [, local] = /^([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(reference) ?? [];
  const named = local === undefined ? answers.maybe : isNamed(local, question);
  // What a reference is that is not understood, a role that is not held does not tell either.
  const odd = local === undefined || !/^(?:CareTeam|Device|Org|Patient|Practi|Rel)/.test(local);
  return odd ? answers.maybe : answers.all([held, named]);
}

function judgeActors(value: unknown, question: Question): Answer {
  const list = listOf(value);
  return list === undefined ? answers.maybe : answers.any(list.map((actor) => judgeActor(actor, question)));
}

function isAbout(provision: Fields, type: 'permit' | 'deny', question: Question, since: number): Answer {
  const { period, purpose, actor } = provision;
  const { at } = question.asking;
  const asked = answers.all([
    period === undefined ? answers.yes : judgePeriod(period, at),
    purpose === undefined ? answers.yes : judgePurpose(purpose, question.asking.purpose),
    actor === undefined ? answers.yes : judgeActors(actor, question),
    judgeData(provision, question, type),
  ]);
  return at < since ? { ...asked, surely: false } : asked;
}

/** Whether it has nothing but what a provision of R4 has, none of which changes what the rest means. */
export const isReadable = (provision: Fields): boolean =>
  listOf(provision.provision) !== undefined && Object.keys(provision).every((key) => attributes.includes(key));

/** Siblings are alternatives; within one all attributes must hold, of each attribute one value. */
export function judgeProvision(
  provision: Fields,
  question: Question,
  around: unknown,
  since: number,
  depth = 1,
): Judged {
  if (depth > 11 || !isReadable(provision)) return unclear;
  const opposite = around === 'permit' ? 'deny' : around === 'deny' ? 'permit' : undefined;
  const own = (provision.type ?? opposite) === 'permit' ? 'permit' : 'deny';
  const about = isAbout(provision, own, question, since);
  if (!about.maybe) return { denied: false, surely: false };
  const inner = (listOf(provision.provision) ?? []).map((one) => judgeProvision(one, question, own, since, depth + 1));
  const denied = inner.some((one) => one.denied) || (own === 'deny' && !inner.some((one) => one.surely));
  return { denied, surely: about.surely };
}
