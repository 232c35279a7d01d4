import type { DecisionKind, Family, ProductLine } from '../content/types.ts';
import type { PublicState } from './types.ts';

/** In the order in which they are counted. */
export const stateWords: Readonly<Record<PublicState, string>> = {
  met: 'Met',
  documented: 'Documented',
  unmet: 'Not met',
  unknown: 'Not known',
  undocumented: 'Not documented',
  unpublished: 'Not published',
  'not-applicable': 'Not applicable',
};

/** What a state means, for the reader. */
export const meanings: Readonly<Record<PublicState, string>> = {
  met: 'Every check of it ran on the live platform, recently enough, examined something, and found that it holds.',
  documented:
    'No check proves it. It rests on policies that are approved and published; whether they are kept is for auditors.',
  unmet: 'At least one check found that it does not hold, or a decision that the rule asks for is not recorded.',
  unknown: 'Evidence is missing, too old, or could not tell. What is not known is never counted as met.',
  undocumented: 'It would rest on a policy, and that policy is not approved and published.',
  unpublished:
    'It is not met, not known or not documented. The operator publishes how many these are, and not which is which.',
  'not-applicable': 'It binds under a condition that does not hold here, or was decided on with recorded reasons.',
};

/** Said before the approach of what does not hold: a text of what is meant is not to be read as what is. */
export const caveats: Partial<Readonly<Record<PublicState, string>>> = {
  unmet: 'Not all of this holds at present. What is meant to hold:',
  unknown: 'Whether all of this holds is not known at present. What is meant to hold:',
  undocumented: 'What this rests on is not approved and published at present. What is meant to hold:',
  unpublished: 'Whether all of this holds at present is not published. What is meant to hold:',
};

export const familyTitles: Readonly<Record<Family, string>> = {
  general: 'General rules',
  administrative: 'Administrative safeguards',
  physical: 'Physical safeguards',
  technical: 'Technical safeguards',
  organizational: 'Organizational requirements',
  documentation: 'Policies and documentation',
  breach: 'Breach Notification Rule',
  privacy: 'Privacy Rule',
};

export const familySections: Readonly<Record<Family, string>> = {
  general: '45 CFR 164.306',
  administrative: '45 CFR 164.308',
  physical: '45 CFR 164.310',
  technical: '45 CFR 164.312',
  organizational: '45 CFR 164.314',
  documentation: '45 CFR 164.316',
  breach: '45 CFR 164.400 to 164.414',
  privacy: '45 CFR 164.502 to 164.532, as far as a business associate carries it',
};

export const lineTitles: Readonly<Record<ProductLine, string>> = {
  api: 'API',
  hosting: 'Hosting',
  interfaces: 'Interfaces',
  messages: 'Messages',
};

export const decisionWords: Readonly<Record<DecisionKind, string>> = {
  implemented: 'Decided: to be implemented as written',
  alternative: 'Decided: an alternative measure stands in its place',
  'not-reasonable': 'Decided: neither reasonable nor appropriate here',
};

/** `1 check`, `3 checks` */
export const counted = (n: number, one: string, more = `${one}s`): string =>
  `${new Intl.NumberFormat('en-US').format(n)} ${n === 1 ? one : more}`;

/** `security-officer` → `Security officer` */
export const roleWords = (role: string): string => {
  const plain = role.replaceAll('-', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
