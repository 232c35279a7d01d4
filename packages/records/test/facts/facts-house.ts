import type { JsonObject } from '@safeguard/kernel';
import { newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { createFacts, type Facts } from '../../facts/facts.ts';
import { createOpener } from '../../storage/open.ts';
import { createRowReader } from '../../storage/read.ts';
import { openServed } from '../served.ts';

export const tenant = 1;
export const ref = (reference: string): JsonObject => ({ reference });

/** The house with a second process beside it: its facts know nothing of what is written here. */
export async function openFactsHouse() {
  const house = await openServed();
  const { clinical, identity } = house.segments;
  const beside = (over: Segment = clinical): Facts => {
    const reader = createRowReader(identity, over);
    const { seal, clock } = house;
    return createFacts({ clinical: over, seal, clock, reader, opener: createOpener(seal, reader, clock.now) });
  };
  const make = async (type: string, body: object): Promise<string> => {
    const { status, json, text } = await house.send('POST', `/${type}`, { body: { resourceType: type, ...body } });
    if (status !== 201) throw new Error(`${type}: ${status} ${text}`);
    return json.id;
  };
  const change = async (type: string, id: string, body: object): Promise<void> => {
    const { status, text } = await house.send('PUT', `/${type}/${id}`, { body: { resourceType: type, id, ...body } });
    if (status !== 200) throw new Error(`${type}: ${status} ${text}`);
  };
  const remove = async (type: string, id: string): Promise<void> => {
    const { status } = await house.send('DELETE', `/${type}/${id}`);
    if (status >= 300) throw new Error(`${type}: ${status}`);
  };
  return {
    ...house,
    beside,
    make,
    change,
    remove,
    facts: house.records.facts,
    later: (ms: number) => {
      house.clock.at += ms;
    },
  };
}

export type FactsHouse = Awaited<ReturnType<typeof openFactsHouse>>;

export const team = (patient: string, members: readonly string[], more: object = {}): object => ({
  status: 'active',
  subject: ref(`Patient/${patient}`),
  participant: members.map((member) => ({ member: ref(member) })),
  ...more,
});

export const privacy = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
};
export const optOut = (patient: string, more: object = {}): object => ({
  status: 'active',
  scope: privacy,
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: ref(`Patient/${patient}`),
  dateTime: '2026-01-02',
  policy: [{ uri: 'https://example.org/privacy' }],
  provision: { type: 'deny' },
  ...more,
});
export const somebody = (): string => `Practitioner/${newId()}`;
