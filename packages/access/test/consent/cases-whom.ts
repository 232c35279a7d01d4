import { type Case, clinic, deny, dr, permit, role, someoneElse } from './case.ts';
import { actor, consent, holder, others, patient, purpose, rule, service } from './world.ts';

export const plain: Case[] = [
  { name: 'no consent at all', consents: [], reason: 'no consent speaks of it' },
  { name: 'opt-out', consents: [consent(deny())], reason: 'denied', by: 'c1' },
  { name: 'opt-in', consents: [consent(permit())], reason: 'permitted', by: 'c1' },
  {
    name: 'opt-out of another patient',
    consents: [consent(deny())],
    resource: others,
    reason: 'no consent speaks of it',
  },
  { name: 'opt-out, the Patient itself', consents: [consent(deny())], resource: patient, reason: 'denied', by: 'c1' },
  { name: 'opt-out, writing', consents: [consent(deny())], letter: 'c', reason: 'writing discloses nothing' },
  {
    name: 'opt-out by policy rule alone',
    consents: [consent(undefined, { policyRule: rule('OPTOUT') })],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'opt-in by policy rule alone',
    consents: [consent(undefined, { policyRule: rule('OPTIN') })],
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'a notice that was handed out',
    consents: [consent(undefined, { policyRule: rule('NOPP') })],
    reason: 'no consent speaks of it',
  },
  {
    name: 'policy rule opt-out, the root permits emergencies: treatment',
    consents: [consent(permit({ purpose: purpose('ETREAT') }), { policyRule: rule('OPTOUT') })],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'policy rule opt-out, the root permits emergencies: an emergency',
    consents: [consent(permit({ purpose: purpose('ETREAT') }), { policyRule: rule('OPTOUT') })],
    asking: { purpose: 'ETREAT' },
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'policy rule opt-out, a root without type names whom',
    consents: [consent({ actor: someoneElse }, { policyRule: rule('OPTOUT') })],
    reason: 'no consent speaks of it',
  },
];

export const actors: Case[] = [
  { name: 'denied by Practitioner', consents: [consent(deny({ actor: dr }))], reason: 'denied', by: 'c1' },
  {
    name: 'another Practitioner denied',
    consents: [consent(deny({ actor: someoneElse }))],
    reason: 'no consent speaks of it',
  },
  { name: 'denied by Organization', consents: [consent(deny({ actor: clinic }))], reason: 'denied', by: 'c1' },
  {
    name: 'Organization denied, a person of another',
    consents: [consent(deny({ actor: clinic }))],
    asking: { organizations: ['lab'] },
    reason: 'no consent speaks of it',
  },
  {
    name: 'denied by PractitionerRole',
    consents: [consent(deny({ actor: role('IRCP', 'PractitionerRole/dr-at-clinic') }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'denied by CareTeam',
    consents: [consent(deny({ actor: role('PRCP', 'CareTeam/team') }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'CareTeam denied, the teams are not known',
    consents: [consent(deny({ actor: role('PRCP', 'CareTeam/x') }))],
    asking: { careTeams: undefined },
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'CareTeam permitted under opt-out, the teams are not known',
    consents: [consent(deny({ provision: [permit({ actor: role('PRCP', 'CareTeam/team') })] }))],
    asking: { careTeams: undefined },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'denied by Device: the app',
    consents: [consent(deny({ actor: [actor('Device/app')] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'denied by Device: a client alone',
    consents: [consent(deny({ actor: [actor('Device/feed')] }))],
    asking: service,
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'denied by RelatedPerson',
    consents: [consent(deny({ actor: [actor('RelatedPerson/ex')] }))],
    asking: { fhir_user: 'RelatedPerson/ex' },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'denied by role of the policy',
    consents: [consent(deny({ actor: [holder('clinician')] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'another role denied',
    consents: [consent(deny({ actor: [holder('researcher')] }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'denied by role in an organization',
    consents: [consent(deny({ actor: [holder('clinician', 'Organization/clinic')] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'the role in another organization denied',
    consents: [consent(deny({ actor: [holder('clinician', 'Organization/lab')] }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'one of several actors',
    consents: [consent(deny({ actor: [...someoneElse, ...clinic] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'only the doctor: the doctor',
    consents: [consent(deny({ provision: [permit({ actor: dr })] }))],
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'only the doctor: another',
    consents: [consent(deny({ provision: [permit({ actor: dr })] }))],
    asking: { fhir_user: 'Practitioner/x' },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'permits one, says nothing of others',
    consents: [consent(permit({ actor: someoneElse }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'Group: who is in it is not known',
    consents: [consent(deny({ actor: [actor('Group/night-shift')] }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'custodian: whose data it is is not told',
    consents: [consent(deny({ actor: role('CST', 'Organization/elsewhere') }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'an actor of another server',
    consents: [consent(deny({ actor: [actor('https://x.example/Practitioner/1')] }))],
    reason: 'denied in doubt',
    by: 'c1',
  },
  {
    name: 'permits an actor that is not understood',
    consents: [consent(deny({ provision: [permit({ actor: [actor('Group/g')] })] }))],
    reason: 'denied',
    by: 'c1',
  },
];

export const purposes: Case[] = [
  {
    name: 'marketing denied, treatment',
    consents: [consent(deny({ purpose: purpose('HMARKT') }))],
    reason: 'no consent speaks of it',
  },
  {
    name: 'marketing denied, marketing',
    consents: [consent(deny({ purpose: purpose('HMARKT') }))],
    asking: { purpose: 'HMARKT' },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'research denied, clinical trial',
    consents: [consent(deny({ purpose: purpose('HRESCH') }))],
    asking: { purpose: 'PRECLINTRCH' },
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'clinical trials denied, research at large',
    consents: [consent(deny({ purpose: purpose('CLINTRCH') }))],
    asking: { purpose: 'HRESCH' },
    reason: 'no consent speaks of it',
  },
  {
    name: 'only emergencies: treatment',
    consents: [consent(deny({ provision: [permit({ purpose: purpose('ETREAT') })] }))],
    reason: 'denied',
    by: 'c1',
  },
  {
    name: 'only emergencies: break the glass',
    consents: [consent(deny({ provision: [permit({ purpose: purpose('ETREAT') })] }))],
    asking: { purpose: 'BTG' },
    reason: 'permitted',
    by: 'c1',
  },
  {
    name: 'a purpose of a system of their own',
    consents: [consent(deny({ purpose: [{ system: 'http://x', code: 'TREAT' }] }))],
    asking: service,
    reason: 'denied in doubt',
    by: 'c1',
  },
];
