import { component, pageSchema, time, uuid } from '@safeguard/http';
import { z } from 'zod';
import { denialBases, type RightRequest } from './types.ts';

const text = z.string().min(1).max(4_000);
const patient = uuid.describe('Id of the Patient.');

export const newExport = component('NewExport', z.strictObject({ patient }));
export const newAmendment = component(
  'NewAmendment',
  z.strictObject({
    patient,
    about: z.string().max(100).describe('The resource that is wrong: `Observation/<id>`.'),
    text: text.describe('What is wrong, what should stand there, and why.'),
  }),
);
export const newObjection = component(
  'NewObjection',
  z.strictObject({ patient, about: uuid.describe('The entry of the log, as the list of accesses names it.'), text }),
);
export const received = component(
  'ReceivedRequest',
  z.strictObject({
    kind: z.enum(['export', 'amendment', 'objection']),
    patient,
    about: z.string().max(100).optional(),
    text: text.optional(),
    received_at: z.iso.datetime().describe('When it came in: the clock runs from then.'),
  }),
);
export const statement = component('RightStatement', z.strictObject({ text }));
export const extension = component(
  'RightExtension',
  z.strictObject({ reason: text.describe('Why it takes longer; the patient reads it.') }),
);
export const answer = component(
  'RightAnswer',
  z.strictObject({
    verdict: z.enum(['fulfilled', 'denied']),
    text: text.describe('What the patient is told.'),
    basis: z.enum(denialBases).optional().describe('Of a denial: 45 CFR 164.524(a)(2)-(3), 164.526(a)(2).'),
  }),
);

export const right = component(
  'RightRequest',
  z.strictObject({
    id: uuid,
    kind: z.enum(['export', 'amendment', 'objection']),
    patient,
    asked_by: uuid,
    asked_at: time,
    due_at: time.describe('The last moment: 30 days (export, objection) or 60 (amendment), and 30 when extended.'),
    state: z.enum(['open', 'fulfilled', 'denied', 'withdrawn']),
    overdue: z.boolean(),
    about: z.string().nullable(),
    text: z.string().nullable(),
    extension: z.strictObject({ at: time, by: uuid, reason: z.string() }).nullable(),
    closed_at: time.nullable(),
    closed_by: uuid.nullable(),
    answer: z.strictObject({ text: z.string(), basis: z.string().nullable() }).nullable(),
    disagreement: z.strictObject({ at: time, text: z.string() }).nullable(),
    fetched: z.array(time),
  }),
);
export const rightPage = pageSchema('RightRequestPage', right);

const iso = (at: number): string => new Date(at).toISOString();
const isoOr = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

/** A request as the API shows it. `now`: milliseconds since the Unix epoch. */
export function rightView(one: RightRequest, now: number) {
  const { id, kind, patient: of, asked_by, asked_at, due_at, state, extension: longer, answer: told } = one;
  const { disagreement } = one;
  return {
    ...{ id, kind, patient: of, asked_by, state },
    asked_at: iso(asked_at),
    due_at: iso(due_at),
    overdue: state === 'open' && due_at < now,
    about: one.about ?? null,
    text: one.text ?? null,
    extension: longer === undefined ? null : { ...longer, at: iso(longer.at) },
    closed_at: isoOr(one.closed_at),
    closed_by: one.closed_by ?? null,
    answer: told === undefined ? null : { text: told.text, basis: told.basis ?? null },
    disagreement: disagreement === undefined ? null : { ...disagreement, at: iso(disagreement.at) },
    fetched: (one.fetched ?? []).map(iso),
  };
}
