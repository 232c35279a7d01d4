import type { RoleAction } from './product.ts';

/** What an app needs for the compliance programme. */
const scope = 'safeguard/programme';

const officers = ['administrator', 'security-officer', 'privacy-officer'] as const;
/** Who sees how things stand. */
const readers = [...officers, 'auditor'] as const;

type Row = readonly [action: string, of: RoleAction];

const rows = (type: string, noun: string, verbs: readonly string[], more: Omit<RoleAction, 'scope' | 'types'> = {}) =>
  verbs.map((verb): Row => [`${noun}-${verb}`, { types: [type], scope, ...more }]);

const looks = { roles: readers, programs: true } as const;

/**
 * The programme: controls, evidence, policies, tasks, reports. Nothing here sets the state of a control: there is no
 * such action. Who may approve which task is for the workflow's definitions to hold.
 */
export const programmeActions: readonly Row[] = [
  ...rows('Control', 'control', ['list', 'read'], looks),
  ...rows('Control', 'posture', ['read'], looks),
  ...rows('Control', 'check', ['run'], { roles: officers, programs: true }),
  ...rows('Evidence', 'evidence', ['list', 'read'], looks),
  ...rows('Parameter', 'parameter', ['list'], looks),
  ...rows('Parameter', 'parameter', ['propose'], { roles: officers }),
  ...rows('Document', 'document', ['list', 'read'], { programs: true }),
  ...rows('Document', 'document', ['owed', 'acknowledge']),
  ...rows('Document', 'document', ['draft', 'submit', 'review'], { roles: officers }),
  ...rows('Document', 'document', ['acknowledgements'], { roles: readers, programs: true }),
  ...rows('Task', 'task', ['list', 'read', 'note', 'assign', 'submit', 'decide', 'withdraw', 'calendar']),
  ...rows('Decision', 'decision', ['list'], looks),
  ...rows('Decision', 'decision', ['propose'], { roles: officers }),
  ...rows('Waiver', 'waiver', ['list'], looks),
  ...rows('Waiver', 'waiver', ['propose', 'end'], { roles: officers }),
  ...rows('Inheritance', 'inheritance', ['read'], looks),
  ...rows('Report', 'report', ['list', 'read'], looks),
  ...rows('Report', 'report', ['make'], { roles: readers }),
  ...rows('Report', 'report-request', ['list'], { roles: readers }),
  ...rows('Oscal', 'oscal', ['read'], looks),
];

/** What the operator at the machine does of it, by the command. */
export const programmeOperatorActions: readonly (readonly [string, string])[] = [
  ...['control-list', 'control-read', 'posture-read', 'check-run'].map((action) => [action, 'Control'] as const),
  ...['evidence-list', 'evidence-read'].map((action) => [action, 'Evidence'] as const),
  ['parameter-list', 'Parameter'],
  ...['list', 'read', 'adopt', 'submit'].map((verb) => [`document-${verb}`, 'Document'] as const),
  ...['list', 'read', 'decide'].map((verb) => [`task-${verb}`, 'Task'] as const),
  ...['list', 'propose'].map((verb) => [`decision-${verb}`, 'Decision'] as const),
  ['waiver-list', 'Waiver'],
  ['inheritance-read', 'Inheritance'],
  ['inheritance-set', 'Inheritance'],
  ...['list', 'read', 'make'].map((verb) => [`report-${verb}`, 'Report'] as const),
  ['oscal-read', 'Oscal'],
];
