import type { Control } from '../../content/types.ts';
import type { StateName } from '../../posture/types.ts';

export const stateWords: Readonly<Record<StateName, string>> = {
  met: 'met',
  unmet: 'UNMET',
  unknown: 'unknown',
  documented: 'documented',
  undocumented: 'undocumented',
  'not-applicable': 'not applicable',
};

export const stateMeans: Readonly<Record<StateName, string>> = {
  met: 'Every check of it has fresh evidence that it is.',
  unmet: 'At least one check has evidence that it is not, or a decision that is needed was not made.',
  unknown: 'Of at least one check there is no fresh evidence, or it could not be told.',
  documented: 'No machine can prove it: it rests on approved and published policy.',
  undocumented: 'It would rest on policy, and one of its policies is not in force.',
  'not-applicable': 'A condition of the organization, or a recorded decision, says so.',
};

export const levelMark = ({ level }: Pick<Control, 'level'>): string =>
  level === 'none' ? '' : level === 'required' ? ' (Req)' : ' (A)';

export const noCertificate =
  'No authority certifies compliance with HIPAA: neither the Department ' +
  'of Health and Human Services nor anybody on its ' +
  'behalf. This report says what was looked at and what was found; it is no certificate and no opinion of an auditor.';

export const method = [
  'Live checks act on the running platform: they ask it as a stranger ' +
    'would, read populations of its records, and hold ' +
    'what they find against the numbers of the programme. Each run leaves ' +
    'one piece of evidence: what was asked, how many ' +
    'things were examined, what was seen. It is an entry of the platform’s ' +
    'tamper-evident log; evidence that the log does ' +
    'not bear out was left out and counts for nothing.',
  'A control is met only while every one of its checks has evidence that ' +
    'is younger than two of its intervals and that ' +
    'examined something. Stale, failed or empty runs are unknown. Nothing ' +
    'sets a state by hand; waivers and decisions ' +
    'make nothing met.',
  'Checks marked “reported” judge what a tool beside Safeguard left (a backup, a scan); all others were performed by ' +
    'Safeguard itself.',
];
