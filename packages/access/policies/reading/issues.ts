import type { Issue } from '@safeguard/kernel';

/** JSON pointer (RFC 6901) of a finding. */
export type Path = readonly (string | number)[];

const escaped = (step: string | number): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');
export const pointerOf = (path: Path): string => path.map((step) => `/${escaped(step)}`).join('');

/** What a reader says of a policy: R4's issue-type code and fixed words; never what was written. */
export const findings = {
  large: ['too-long', 'a policy has at most 5 MB'],
  structure: ['structure', 'expected another form here'],
  missing: ['required', 'something required is missing here'],
  unexpected: ['structure', 'there is something here that a policy does not have'],
  key: ['value', 'names are of small letters, digits and hyphens, and start with a letter; at most 60 characters'],
  long: ['too-long', 'there is more here than a policy takes'],
  short: ['required', 'there is less here than a policy needs'],
  value: ['value', 'expected another value here'],
  twice: ['duplicate', 'the same stands here twice'],
  nothing: ['required', 'expected at least one condition or one name here'],
  role: ['not-found', 'the policy has no such role'],
  category: ['not-found', 'the policy has no such category'],
  sensitive: ['not-found', 'the policy has no such sensitive category'],
  type: ['not-found', 'FHIR R4 has no such type'],
  'type-twice': ['duplicate', 'a type is in one category only'],
  'type-nowhere': ['required', 'every type of FHIR R4 is in one category: at least one is in none'],
  'rule-twice': ['duplicate', 'another rule has the same id'],
  needed: ['required', 'a role that the product relies on is missing'],
  'no-row': ['required', 'each role has a row in the matrix, which may be empty'],
  unapproved: ['business-rule', 'a role is held by an approved request; only patient, proxy and service need none'],
  approverless: ['required', 'a role that needs approvals needs approvers'],
  cyclic: ['business-rule', 'nobody could ever approve this role: its approvers come only of each other'],
  'apart-self': ['business-rule', 'a role cannot be apart from itself'],
  administrators: ['business-rule', 'an administrator needs two approvals'],
  emergency: ['business-rule', 'emergency access names its patients'],
  operators: ['business-rule', 'operators reach nothing of a patient'],
  'permit-only': ['business-rule', 'only a permit has views, hidden elements and what it opens'],
  'forbid-where': ['business-rule', 'a forbid takes plain conditions: no chains, no compartment of an organization'],
  narrowed: ['business-rule', 'what is not shown in full is only read and searched'],
  element: ['not-found', 'the types of the rule have no such element'],
  'element-needed': ['business-rule', 'an element that every such resource must have is not hidden'],
  query: ['not-supported', 'the query is not served on every type of the rule'],
  network: ['value', 'expected a network in CIDR notation'],
  zone: ['value', 'expected a time zone of IANA'],
  hours: ['value', 'the hours end when they begin'],
  test: ['value', 'expected a test of this policy: a role of it, a type of FHIR'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type Finding = keyof typeof findings;

/** `more`: fixed words of a judge, behind ours. */
export function issueOf(finding: Finding, path: Path, more?: string): Issue {
  const [code, text] = findings[finding];
  return { severity: 'error', code, text: more === undefined ? text : `${text}: ${more}`, at: pointerOf(path) };
}

/** Where the checks put what they find. */
export type Report = (finding: Finding, path: Path, more?: string) => void;
