/** What the tour's commands need to work as they are printed. */
export interface Place {
  readonly base: string;
  readonly ca: string | null;
  readonly patient: string;
  /** `--data DIR`, when another than the default was named. */
  readonly data: string | undefined;
  readonly tenant: string | undefined;
}

/** A word as a POSIX shell reads it back. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The guided tour: each command can be pasted into a shell in this directory. */
export function tour({ base, ca, patient, data, tenant }: Place): string {
  const where = data === undefined ? '' : ` --data ${shellWord(data)}`;
  const whose = tenant === undefined ? '' : ` --tenant ${shellWord(tenant)}`;
  const trust = ca === null ? '' : ` --cacert ${shellWord(ca)}`;
  const curl = `curl -s${trust} -H "Authorization: Bearer $TOKEN"`;
  const masked = `curl -s${trust} -H "Authorization: Bearer $MASKED"`;
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['Get a token that reads everything', `TOKEN=$(npx safeguard token --scopes "system/*.rs"${where}${whose})`],
    [
      'Read one patient: joined from two databases, decrypted, and in the log before you see it',
      `${curl} ${base}/Patient/${patient}`,
    ],
    [
      'Its history, and what the server can do',
      `${curl} ${base}/Patient/${patient}/_history`,
      `${curl} ${base}/metadata`,
    ],
    [
      'The same patient for research: no query reaches the identity database',
      `MASKED=$(npx safeguard token --scopes "system/*.rs" --view without-identity${where}${whose})`,
      `${masked} ${base}/Patient/${patient}`,
    ],
    ['Without a token nothing is told', `curl -s${trust} ${base}/Patient/${patient}`],
    [
      'Make a client for your own program',
      `npx safeguard client create my-program --scopes "system/*.cruds"${where}${whose}`,
    ],
    ['Verify the log of all that you just did', `npx safeguard ledger verify${where}`],
    [
      'Destroy this patient’s keys: the record becomes unreadable, and the log still verifies',
      `npx safeguard patient destroy ${patient} --yes${where}${whose}`,
    ],
  ];
  return steps
    .map(([title, ...lines], at) => `${at + 1}. ${title}\n${lines.map((line) => `   ${line}\n`).join('')}`)
    .join('\n');
}
