import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { isFault } from '@safeguard/kernel';
import { type Content, readContent } from '../../index.ts';

export const checks = new Set(['http.tls', 'ledger.verifies']);

const carried = 'carried: {api: platform, hosting: platform, interfaces: customer, messages: not-applicable}';

const technical = `family: technical
title: Technical safeguards
controls:
  - id: 164.312-e-1
    citation: 45 CFR 164.312(e)(1)
    title: Transmission security
    kind: standard
    level: none
    requirement: Guard what crosses a network.
    approach: Every listener speaks TLS {{tls.least}}.
    policies: [system-access#networks]
    mechanisms:
      - package: http
        does: It refuses plain HTTP.
        parameters: [tls.least]
    checks: [http.tls]
    ${carried}
    verified: yes
  - id: 164.312-e-2-ii
    citation: 45 CFR 164.312(e)(2)(ii)
    title: Encryption
    kind: specification
    standard: 164.312-e-1
    level: addressable
    requirement: Encrypt in transit.
    approach: As above; checked every {{audit.verify_hours|words}}.
    checks: [http.tls]
    ${carried}
    decision: {default: implemented, why: It costs nothing.}
    verified: yes
`;

const parameters = `tls:
  least: {title: Least version, value: "1.2", choices: ["1.2", "1.3"], why: Older ones are broken.}
audit:
  verify_hours: {title: T, value: 24, unit: hours, least: 1, most: 24, serves: ["45 CFR 164.312(b)"], why: Daily.}
  verify_days: {title: The same in days, value: = audit.verify_hours / 24, unit: days, why: For reports.}
`;

const policy = `---
title: System access
satisfies: [164.312-e-1]
owner: security-officer
approver: [security-officer, privacy-officer]
review_months: 12
acknowledge: [everyone]
inherited: {default: locked, editable: [local-rules]}
---
# System access

## Networks

We verify every {{audit.verify_hours}} hours.

## Local rules

None.
`;

/** A whole programme of two controls, valid as it stands. */
export const small: Readonly<Record<string, string>> = {
  'controls/technical.yaml': technical,
  'parameters.yaml': parameters,
  'policies/system-access.md': policy,
  'needs.yaml':
    'needs:\n  - {id: encryption, title: T, approach: Everywhere., controls: [164.312-e-2-ii], checks: [http.tls]}\n',
  'subprocessors.yaml': 'subprocessors: []\n',
  'organization.yaml': 'name: Example Health\ncontact: office@example.org\nconditions: []\nlines: [api]\n',
  'profiles/next.yaml':
    'title: Proposed\nstatus: proposed\nnote: Not law.\nrows:\n' +
    '  - {citation: 45 CFR 164.312(b), title: T, requirement: R, controls: [164.312-e-1], verified: unverified}\n',
  'crosswalks/csf.yaml': 'title: CSF\nsource: NIST\nids: {164.312-e-1: [PR.DS-02]}\n',
};

const homes: string[] = [];
after(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes a programme into a directory of its own. */
export function write(files: Files): string {
  const home = mkdtempSync(join(tmpdir(), 'safeguard-program-'));
  homes.push(home);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

/** The small programme with one file changed: every occurrence of `from` (at least one) becomes `to`. */
export function changed(file: string, from: string | RegExp, to: string, files: Files = small): Files {
  const text = String(files[file] ?? '');
  const made = text.replaceAll(typeof from === 'string' ? from : new RegExp(from, `g${from.flags}`), to);
  if (made === text) throw new Error(`${file} does not hold ${from}`);
  return { ...files, [file]: made };
}

export const read = (files: Files): Promise<Content> => readContent(write(files), { checks });

/** What is wrong, as `file:line text`; none: it was read. */
export async function wrong(directory: string | Files): Promise<string[]> {
  try {
    await readContent(typeof directory === 'string' ? directory : write(directory), { checks });
    return [];
  } catch (error) {
    if (!isFault(error) || error.kind !== 'invalid') throw error;
    return error.issues.map(({ at, text }) => `${at} ${text}`);
  }
}
