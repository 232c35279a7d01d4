import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Patch, patch } from '../../harness/deployed.ts';
import type { Start } from '../../harness/instance.ts';

/** What a start brings that was sound before: other settings, another release. */
export interface WrongStart {
  readonly what: string;
  /** What differs from the sound start. `code`: a copy of what runs, to be broken. */
  options(code: string): Promise<Start>;
  readonly faults: readonly {
    readonly control: string;
    readonly check: string;
    readonly says: RegExp;
  }[];
}

const plain: WrongStart = {
  what: 'TLS is off',
  options: async () => ({ tls: 'off' }),
  faults: [
    { control: '164.312-e-2-ii', check: 'http.tls', says: /TLS is off: the server speaks plain HTTP/ },
    { control: '164.312-e-2-i', check: 'http.plaintext-refused', says: /GET \/healthz HTTP\/1\.1: was answered/ },
    { control: '164.312-e-1', check: 'http.headers', says: /not told to keep to TLS \(Strict-Transport-Security\)/ },
  ],
};

const hosting = `subprocessors:
  - name: Example Hosting
    purpose: Servers
    country: United States
    ephi: true
`;

/** The programme of the house with a subprocessor who signed nothing, and settings that the programme does not say. */
const settings: WrongStart = {
  what: 'settings that the programme does not say, and somebody new who touches ePHI',
  async options(code) {
    const directory = join(code, 'other-programme');
    await cp(join(code, 'program'), directory, { recursive: true });
    await writeFile(join(directory, 'subprocessors.yaml'), hosting);
    const policy = join(directory, 'policies', 'breach.md');
    await writeFile(policy, `${await readFile(policy, 'utf8')}\nA line that nobody has approved yet.\n`);
    return {
      env: {
        SAFEGUARD_PROGRAMME_DIRECTORY: directory,
        SAFEGUARD_SESSIONS_IDLE_S: '60',
        SAFEGUARD_MAIL_URL: 'smtps://localhost:9',
        SAFEGUARD_MAIL_FROM: 'house@clinic.example',
      },
    };
  },
  faults: [
    { control: '164.308-b-3', check: 'programme.subcontractors', says: /^Example Hosting$/m },
    {
      control: '164.316-a',
      check: 'programme.parameters',
      says: /sessions\.idle_minutes: the programme says 900, sessions\.idle_s is 60/,
    },
    { control: '164.312-a-2-iii', check: 'identity.idle-logoff', says: /used two minutes ago: refused/ },
    {
      control: '164.316-b-1-i',
      check: 'programme.policies-approved',
      says: /breach: the text of the repository is another than the one that was approved/,
    },
    { control: '164.312-e-1', check: 'mail.transport', says: /the mail server: it does not answer/ },
  ],
};

/** A release in which protections were taken out, each in one line. */
const patches: readonly Patch[] = [
  { file: 'packages/http/errors.ts', from: '  detail: told.message,', to: '  detail: String(told.stack),' },
  { file: 'packages/http/listen.ts', from: 'maxHeaderSize: limits.header_bytes', to: 'maxHeaderSize: 1_000_000' },
  { file: 'packages/http/exchange.ts', from: '    actor: principal.id,', to: "    actor: 'somebody'," },
  { file: 'packages/seal/cipher.ts', from: '  decipher.final();\n', to: '' },
  { file: 'packages/identity/authenticate/alive.ts', from: 't.revoked_at is null and ', to: '' },
  {
    file: 'packages/records/segments/segment-map.ts',
    from: "  { at: 'ContactPoint', categories: [4, 5, 6, 14], why: 'telephone, fax, mail, web' },\n",
    to: '',
  },
];

const release: WrongStart = {
  what: 'a release whose protections were taken out',
  async options(code) {
    for (const one of patches) await patch(code, one);
    return { code };
  },
  faults: [
    {
      control: '164.530-c',
      check: 'http.errors-silent',
      says: /a wrong path of the API: the answer tells of a place in the code/,
    },
    { control: '164.306-a-2', check: 'http.limits', says: /headers longer than limits\.header_bytes: answered with/ },
    {
      control: '164.308-a-1-ii-D',
      check: 'ledger.probe-recorded',
      says: /nobody: the entry says something else of the request than what happened \(actor\)/,
    },
    { control: '164.312-c-1', check: 'seal.tamper-refused', says: /it opened with a bit changed in the tag/ },
    { control: '164.312-d', check: 'identity.tokens-end', says: /a token that is revoked is accepted/ },
    {
      control: '164.514-b',
      check: 'records.identity-apart',
      says: /the clinical body holds direct identifiers/,
    },
  ],
};

export const wrongStarts: readonly WrongStart[] = [plain, settings, release];
