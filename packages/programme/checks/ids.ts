/**
 * Every live check that the product has: `package.what`. Content names them (`program/controls`), packages perform
 * them; the composition root holds that both are the same.
 */
const names = {
  store: ['segments-apart', 'row-security', 'roles-minimal', 'durable', 'connection-private'],
  seal: ['encrypted-at-rest', 'tamper-refused', 'key-per-patient', 'key-rotation', 'root-key-guarded', 'disposal'],
  ledger: ['probe-recorded', 'verifies', 'append-only', 'retention', 'checkpoints-signed', 'anchored'],
  http: ['tls', 'plaintext-refused', 'listeners', 'headers', 'errors-silent', 'limits'],
  identity: [
    'anonymous-refused',
    'two-factors',
    'unique-ids',
    'idle-logoff',
    'passwords',
    'lock-out',
    'sign-ins-recorded',
    'leavers',
    'tokens-end',
    'inactive-accounts',
  ],
  access: [
    'default-deny',
    'cross-tenant',
    'grants-approved',
    'reviews-on-time',
    'break-glass',
    'minimum-necessary',
    'duties-apart',
    'officers',
    'expired-end',
  ],
  records: ['identity-apart', 'no-plaintext', 'deidentified', 'right-of-access', 'altered-refused'],
  audit: ['accounting', 'index-complete'],
  rights: ['clocks'],
  mail: ['transport'],
  programme: [
    'policies-approved',
    'policies-reviewed',
    'acknowledged',
    'decisions',
    'parameters',
    'tasks-on-time',
    'retention',
    'evaluation',
    'subcontractors',
    'evidence-kept',
  ],
  operations: [
    'backup-recent',
    'restore-tested',
    'vulnerability-scan',
    'malware-scan',
    'intrusion-detection',
    'penetration-test',
    'recovery-drill',
    'training',
    'code-integrity',
    'clock',
    'patch-level',
    'disk-space',
  ],
} as const;

export const checkIds: ReadonlySet<string> = new Set(
  Object.entries(names).flatMap(([group, all]) => all.map((one) => `${group}.${one}`)),
);
