import { unitForm } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { isAnswerTold } from './ages.ts';
import { isObject } from './overlay.ts';
import { isPublished } from './published.ts';
import { cutDate, cutInstant } from './years.ts';

/**
 * What a view does with a primitive: `keep` it, `mask` it, show it when it is a `reference` of ours, `coded` (a code
 * stands beside it), a `published` address, a `unit`, a `link` to an item, no `answer` that may be an age, the `local`
 * id of a resource; or cut it to its `year`, an instant to the `moment` that the year began.
 */
export type PrimitiveStep = keyof typeof steps;

/** What the steps have to know beside the value. */
export interface Told {
  /** The first year that is told. */
  readonly first: number;
  /** What ids of contained resources are called instead; absent: by their own names. */
  readonly contained?: ReadonlyMap<string, string>;
}

/** An id is random and ours when it is a UUID; another's id, or a search, could name somebody. */
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ours = new RegExp(`^(?:#[A-Za-z0-9.-]{0,64}|urn:uuid:${uuid}|[A-Z][A-Za-z]+/${uuid}(?:/_history/\\d{1,18})?)$`);
const uuidForm = new RegExp(`^${uuid}$`);
const linkForm = /^\/?[A-Za-z]{0,4}[-./\d]{1,36}$/;

/** The value to be shown; undefined: it is not. `object`: what it stands in. */
type Step = (value: unknown, object: JsonObject, told: Told) => unknown;

const when =
  (is: (value: unknown, object: JsonObject) => boolean): Step =>
  (value, object) =>
    is(value, object) ? value : undefined;

const reference: Step = (value, _object, { contained }) => {
  if (typeof value !== 'string' || !ours.test(value)) return undefined;
  if (contained === undefined || !value.startsWith('#') || value === '#') return value;
  const name = contained.get(value.slice(1));
  return name === undefined ? undefined : `#${name}`;
};

const local: Step = (value, _object, { contained }) => {
  const id = String(value);
  return contained?.get(id) ?? (uuidForm.test(id) ? id : undefined);
};

const isUnit = (value: unknown, { code }: JsonObject): boolean =>
  typeof value === 'string' && (value === code || unitForm(value) !== undefined);

const steps = {
  keep: when((value) => !isObject(value)),
  mask: () => undefined,
  reference,
  coded: when((_value, { code }) => typeof code === 'string'),
  published: when(isPublished),
  unit: when(isUnit),
  link: when((value) => typeof value === 'string' && linkForm.test(value)),
  answer: when(isAnswerTold),
  local,
  year: (value, _object, { first }) => cutDate(value, first),
  moment: (value, _object, { first }) => cutInstant(value, first),
} as const satisfies Readonly<Record<string, Step>>;

/** What is shown of a primitive, or of a list of them: of a list all or none, but for published addresses. */
export function toldOf(step: PrimitiveStep, object: JsonObject, name: string, told: Told): unknown {
  const value = object[name];
  // By far the most are kept: they are not sent through the table.
  if (step === 'keep') return isObject(value) ? undefined : value;
  const one = steps[step] as Step;
  if (!Array.isArray(value)) return one(value, object, told);
  const all = value.map((item) => (item === null ? null : one(item, object, told)));
  if (!all.includes(undefined)) return all;
  const some = all.filter((item) => item !== undefined && item !== null);
  return step === 'published' && some.length > 0 && !Object.hasOwn(object, `_${name}`) ? some : undefined;
}
