import { randomBytes } from 'node:crypto';
import { type Check, type CheckContext, isFault, resultOf } from '@safeguard/kernel';
import { checkPassword } from '../authenticators/check-password.ts';
import { argon2Cost } from '../authenticators/deps.ts';
import { isWeaker } from '../authenticators/hash.ts';
import { openFrom, type SealedRow } from '../authenticators/sealed.ts';
import { platform } from '../tenants.ts';
import { hour_s, type IdentityCheckDeps, most_opened } from './deps.ts';

/** All of them while they are few; then another part each time, from a random place on. */
const stored = {
  name: 'identity.check.passwords',
  text: `(select account, tenant, key_id, version, sealed from identity.password where account >= $1
      order by account limit ${most_opened})
    union (select account, tenant, key_id, version, sealed from identity.password where account < $1
      order by account limit ${most_opened}) limit ${most_opened}`,
};
const counted = { name: 'identity.check.password-count', text: 'select count(*)::int as n from identity.password' };

interface PasswordRow extends SealedRow, Record<string, unknown> {
  readonly account: string;
  readonly tenant: number;
  readonly version: number;
  readonly key_id: number;
  readonly sealed: Buffer;
}

const person = { login: 'margaret.hollingsworth@lakeside.example', name: 'Margaret Hollingsworth' };
const letters = (count: number): string => randomBytes(count).toString('hex').slice(0, count);

/** What nobody may choose, and one that everybody may: else the rule would be "nothing". */
function triesOf({ number }: CheckContext) {
  const least = number('passwords.shortest_characters');
  return [
    { what: `a password of ${least - 1} characters`, text: letters(least - 1), taken: false },
    { what: 'a password of the block list', text: 'basketball', taken: false },
    { what: 'a common password with a year behind it', text: 'password2026!', taken: false },
    { what: 'a repetition', text: 'abcabcabcabcabcabc', taken: false },
    { what: 'a password made of the name of the person', text: 'MargaretHollingsworth1', taken: false },
    { what: 'a password made of the login', text: 'margaret.hollingsworth@lakeside', taken: false },
    { what: 'a random password of 20 characters', text: letters(20), taken: true },
  ];
}

function isTaken(check: NonNullable<IdentityCheckDeps['checkPassword']>, text: string): boolean {
  try {
    check(text, { ...person, withSecondFactor: true });
    return true;
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid') return false;
    throw error;
  }
}

/** Undefined: as strong as it must be. */
function weaknessOf(hash: string): string | undefined {
  try {
    return isWeaker(hash, argon2Cost) ? 'is hashed at less cost than is promised' : undefined;
  } catch (error) {
    if (isFault(error)) return 'is not stored as an argon2id hash';
    throw error;
  }
}

async function weakOnes({ segment, vault }: IdentityCheckDeps) {
  const start = `${randomBytes(4).toString('hex')}-0000-0000-0000-000000000000`;
  const rows = await segment.query<PasswordRow>(platform, stored, [start]);
  const wrong: string[] = [];
  for (const [tenant, own] of Map.groupBy(rows, (row) => row.tenant)) {
    const keys = await vault(tenant);
    await keys.keysById([...new Set(own.map(({ key_id }) => key_id))]);
    for (const row of own) {
      const place = { resource: row.account, version: row.version, purpose: 'password' } as const;
      const weakness = weaknessOf(await openFrom<string>(keys, place, row));
      if (weakness !== undefined) wrong.push(`the password of account ${row.account} ${weakness}`);
    }
  }
  return { looked: rows.length, wrong };
}

export const passwords = (deps: IdentityCheckDeps): Check => ({
  id: 'identity.passwords',
  title: 'Weak passwords are refused, and passwords are kept as slow hashes',
  query:
    'Offers passwords to the rule that the running server asks (too short, of the block list, of the name or login ' +
    `of the person: refused; a random one: taken), and opens the stored hashes (${most_opened} a run, from a random ` +
    'place on) for their algorithm and cost.',
  every_s: hour_s,
  async run(context) {
    const shortest = deps.numbers?.shortest_characters;
    const check = deps.checkPassword ?? ((text, person) => checkPassword(text, person, shortest));
    const tries = triesOf(context);
    const wrong = tries.flatMap(({ what, text, taken }) =>
      isTaken(check, text) === taken ? [] : [`${what} is ${taken ? 'refused' : 'accepted'}`],
    );
    const [row] = await deps.segment.query<{ n: number }>(platform, counted);
    const hashes = await weakOnes(deps);
    return resultOf({
      examined: tries.length + hashes.looked,
      wrong: [...wrong, ...hashes.wrong],
      met:
        `${tries.length} passwords were judged as they must be; ${hashes.looked} of ${row?.n ?? 0} ` +
        'stored ones are argon2id.',
      unmet: 'weak passwords are accepted, or stored passwords are protected too little.',
      todo: 'Set the rule to the parameter; have the people of these accounts set a new password by a recovery link.',
    });
  },
});
