import { type Case, deny, dr, permit, someoneElse } from './case.ts';
import { consent, hivTest, loinc, newer, prescription, rule, types } from './world.ts';

export const nested: Case[] = [
  {
    name: 'opt-in but for labs',
    consents: [consent(permit({ provision: [deny({ class: types('Observation') })] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'opt-in but for labs: a prescription',
    consents: [consent(permit({ provision: [deny({ class: types('Observation') })] }))],
    resource: prescription,
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'a nested provision without type is the opposite',
    consents: [consent(permit({ provision: [{ class: types('Observation') }] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'three levels: no labs, but for the doctor',
    consents: [
      consent(permit({ provision: [deny({ class: types('Observation'), provision: [permit({ actor: dr })] })] })),
    ],
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'four levels: no labs, but for the doctor, but for HIV',
    consents: [
      consent(
        permit({
          provision: [
            deny({
              class: types('Observation'),
              provision: [permit({ actor: dr, provision: [deny({ code: [loinc('75622-1')] })] })],
            }),
          ],
        }),
      ),
    ],
    resource: hivTest,
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'siblings: one gives back, one takes: it is taken',
    consents: [consent(deny({ provision: [permit({ actor: dr }), deny({ class: types('Observation') })] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'a nested provision narrows within its root',
    consents: [consent(permit({ actor: someoneElse, provision: [deny({ class: types('Observation') })] }))],
    reason: 'no consent speaks of it',
  },
];

export const times: Case[] = [
  {
    name: 'period: over',
    consents: [consent(deny({ period: { start: '2025-01-01', end: '2026-11-21' } }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'period: its last day',
    consents: [consent(deny({ period: { end: '2026-11-22' } }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'period: its last millisecond',
    consents: [consent(deny({ period: { end: '2026-11-22' } }))],
    asking: { at: Date.parse('2026-11-22T23:59:59.999Z') },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'period: a millisecond later',
    consents: [consent(deny({ period: { end: '2026-11-22' } }))],
    asking: { at: Date.parse('2026-11-23') },
    reason: 'no consent speaks of it',
  },
  {
    name: 'period: not begun',
    consents: [consent(deny({ period: { start: '2026-11-22T12:00:00.001Z' } }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'period: begins at this millisecond',
    consents: [consent(deny({ period: { start: '2026-11-22T12:00:00Z' } }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'a nested permission that is over',
    consents: [consent(deny({ provision: [permit({ period: { end: '2026-11-21' } })] }))],
    reason: 'denied',
    by: 'c1',
  },
  { name: 'withdrawn', consents: [consent(deny(), { status: 'inactive' })], reason: 'no consent speaks of it' },
  {
    name: 'entered in error',
    consents: [consent(deny(), { status: 'entered-in-error' })],
    reason: 'no consent speaks of it',
  },
  { name: 'proposed', consents: [consent(permit(), { status: 'proposed' })], reason: 'no consent speaks of it' },
  {
    name: 'newest wins: opt-out, then opt-in',
    consents: [consent(deny()), newer(permit())],
    reason: 'permitted',
    by: 'c2',
  },
  {
    name: 'newest wins: opt-in, then opt-out',
    consents: [newer(deny()), consent(permit())],
    reason: 'denied',
    by: 'c2',
  },
  {
    name: 'newest wins where it speaks: opt-out, then opt-in of another',
    consents: [consent(deny()), newer(permit({ actor: someoneElse }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'newest wins where it speaks: opt-out, then opt-in for labs',
    consents: [consent(deny()), newer(permit({ class: types('Observation') }))],
    reason: 'permitted',
    by: 'c2',
  },
  {
    name: 'the same: a prescription',
    consents: [consent(deny()), newer(permit({ class: types('Observation') }))],
    resource: prescription,
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'a newer one that is over gives way to the older',
    consents: [consent(deny()), newer(permit({ period: { end: '2026-11-21' } }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'overlapping periods: the newer one',
    consents: [
      consent(deny({ period: { start: '2026' } })),
      newer(permit({ period: { start: '2026-11-01', end: '2026-12-31' } })),
    ],
    reason: 'permitted',
    by: 'c2',
  },
  {
    name: 'a newer notice lifts no opt-out',
    consents: [
      consent(deny()),
      newer(undefined, {
        policyRule: rule('hipaa-notice', 'http://terminology.hl7.org/CodeSystem/consentpolicycodes'),
      }),
    ],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'given in the future: a permission waits',
    consents: [consent(deny()), newer(permit(), { dateTime: '2099-01-01' })],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'dated in the future, it is no newer than when it was stored',
    consents: [consent(deny(), { dateTime: '2099-01-01' }), newer(permit())],
    reason: 'permitted',
    by: 'c2',
  },
  {
    name: 'a day alone is newer than an hour of it',
    consents: [consent(permit(), { dateTime: '2026-11-20T08:00:00Z' }), newer(deny())],
    reason: 'denied',
    by: 'c2',
  },
  {
    name: 'without dateTime: by when it was stored',
    consents: [consent(permit()), newer(deny(), { dateTime: undefined })],
    reason: 'denied',
    by: 'c2',
  },
  {
    name: 'at the same moment: the denial',
    consents: [consent(permit(), { id: 'c0' }), consent(deny())],
    reason: 'denied',
    by: 'c1',
  },
];

export const odd: Case[] = [
  {
    name: 'of another scope',
    consents: [
      consent(deny(), {
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
      }),
    ],
    reason: 'no consent speaks of it',
  },
  { name: 'neither provision nor policy rule', consents: [consent(undefined)], reason: 'denied in doubt', by: 'c1' },
  {
    name: 'a policy rule of their own',
    consents: [consent(undefined, { policyRule: rule('house-rules', 'http://x') })],
    reason: 'denied in doubt',
    by: 'c1',
  },
  { name: 'a root without type', consents: [consent({ actor: dr })], reason: 'denied', by: 'c1' },
  {
    name: 'modifierExtension on the Consent',
    consents: [consent(permit(), { modifierExtension: [{ url: 'http://x', valueBoolean: true }] })],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'modifierExtension on a provision',
    consents: [consent(permit({ modifierExtension: [{ url: 'http://x', valueBoolean: true }] }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'an expression, as later versions have it',
    consents: [consent(deny({ provision: [permit({ expression: { language: 'text/cql' } })] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'implicitRules',
    consents: [consent(permit(), { implicitRules: 'http://x' })],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'a period that is none',
    consents: [consent(deny({ period: { end: 'tomorrow' } }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'a permission with a period that is none',
    consents: [consent(deny()), newer(permit({ period: { end: 'tomorrow' } }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'a permission dated by no date',
    consents: [consent(deny()), newer(permit(), { dateTime: 'soon' })],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'an unknown action',
    consents: [consent(deny({ action: [{ text: 'gossip' }] }))],
    letter: 'u',
    reason: 'denied in doubt',
    by: 'c1',
  },
  { name: 'no patient', consents: [consent(deny(), { patient: undefined })], reason: 'no consent speaks of it' },
  {
    name: 'a list where none belongs',
    consents: [consent(deny({ actor: 'everybody' }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
];
