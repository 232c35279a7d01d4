import { randomBytes } from 'node:crypto';
import { byOwner, changedRows, type Fault, type Scene, sql } from './scene.ts';

/** A hash at next to no cost, as somebody would leave it who turned argon2 down. */
const cheapHash = (): string => {
  const part = (bytes: number): string => randomBytes(bytes).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${part(16)}$${part(32)}`;
};

const idOf = (scene: Scene, who: 'clinician' | 'security' | 'privacy' | 'ada'): string => scene.house[who].id;

/** Rows of a person in a table. */
const ofPerson = (table: string, id: string) => ({ segment: 'identity', table, where: `account = '${id}'` }) as const;

/** Of accounts, factors, sessions and tokens. */
const ofIdentity: readonly Fault[] = [
  {
    control: '164.312-d',
    check: 'identity.two-factors',
    what: 'somebody has lost their second factor',
    says: /account \S+ of tenant 1 has no second factor/,
    break: (scene) => {
      const rows = ofPerson('identity.factor', idOf(scene, 'clinician'));
      return changedRows(scene, rows, `delete from identity.factor where ${rows.where}`);
    },
  },
  {
    control: '164.312-a-2-i',
    check: 'identity.unique-ids',
    what: 'a login belonged to somebody else before',
    says: /account \S+: its login belonged to another account before/,
    break: (scene) => {
      const [who, other] = [idOf(scene, 'clinician'), idOf(scene, 'ada')];
      const where = `token = (select login_token from identity.account where id = '${who}')`;
      const rows = { segment: 'identity', table: 'identity.account_login', where } as const;
      return changedRows(scene, rows, `update identity.account_login set account = '${other}' where ${where}`);
    },
  },
  {
    control: '164.312-a-2-iii',
    check: 'identity.idle-logoff',
    what: 'an idle session is kept alive',
    says: /session \S+ is open past its time/,
    async break(scene) {
      const rows = ofPerson('identity.session', idOf(scene, 'clinician'));
      const back = await changedRows(
        scene,
        rows,
        `update identity.session set last_used_at = now() - interval '3 hours', created_at = now() - interval '4 hours'
          where ${rows.where};
         create function public.keep() returns trigger language plpgsql as $$ begin return null; end $$;
         create trigger keep before update on identity.session for each row
           when (old.account = '${idOf(scene, 'clinician')}') execute function public.keep()`,
      );
      return async () => {
        await sql(scene, 'identity', 'drop trigger keep on identity.session; drop function public.keep');
        await back();
      };
    },
  },
  {
    control: '164.308-a-5-ii-D',
    check: 'identity.passwords',
    what: 'a password is kept as a hash that costs nothing',
    says: /the password of account \S+ is hashed at less cost than is promised/,
    async break(scene) {
      const id = idOf(scene, 'clinician');
      const [row] = await sql(
        scene,
        'identity',
        `select version, key_id from identity.password where account = '${id}'`,
      );
      const vault = await scene.inside.seal.vault('identity', 1);
      const key = (await vault.keysById([Number(row?.['key_id'])])).get(Number(row?.['key_id']));
      if (key === undefined) throw new Error('the key of the password is not there');
      const place = { resource: id, version: Number(row?.['version']), purpose: 'password' };
      const sealed = vault.seal(key, place, Buffer.from(JSON.stringify(cheapHash())));
      const set = `update identity.password set sealed = '\\x${sealed.toString('hex')}' where account = '${id}'`;
      return changedRows(scene, ofPerson('identity.password', id), set);
    },
  },
  {
    control: '164.308-a-5-ii-C',
    check: 'identity.lock-out',
    what: 'failed sign-ins are no longer counted',
    says: /failures in a row were counted, and another try was still given/,
    break: byOwner(
      'identity',
      `create function public.forget() returns trigger language plpgsql as
          $$ begin new.failures := 1; return new; end $$;
        create trigger forget before update on identity.sign_in_failure for each row execute function public.forget()`,
      'drop trigger forget on identity.sign_in_failure; drop function public.forget',
    ),
  },
  {
    control: '164.308-a-3-ii-C',
    check: 'identity.leavers',
    what: 'somebody who left can still get in',
    says: /account \S+ is terminated and has an open session/,
    break: (scene) => {
      const where = `id = '${idOf(scene, 'clinician')}'`;
      const rows = { segment: 'identity', table: 'identity.account', where } as const;
      return changedRows(
        scene,
        rows,
        `update identity.account set state = 'terminated', ended_at = now() where ${where}`,
      );
    },
  },
  {
    control: '164.312-d',
    check: 'identity.tokens-end',
    what: 'a token outlives its client',
    says: /a live token of client \S+, which has ended/,
    break: (scene) => {
      const where = `id = '${scene.house.client.client_id}'`;
      const rows = { segment: 'identity', table: 'identity.client', where } as const;
      return changedRows(
        scene,
        rows,
        `update identity.client set state = 'revoked', revoked_at = now() where ${where}`,
      );
    },
  },
  {
    control: '164.308-a-3-ii-B',
    check: 'identity.inactive-accounts',
    what: 'an account that nobody has used for half a year',
    says: /account \S+ of tenant 1: no sign-in for 18\d days/,
    async break(scene) {
      const id = idOf(scene, 'clinician');
      const where = `id = '${id}'`;
      const ago = "- interval '180 days'";
      const backs = [
        await changedRows(
          scene,
          { segment: 'identity', table: 'identity.account', where },
          `update identity.account set created_at = created_at ${ago}, verified_at = verified_at ${ago} where ${where}`,
        ),
      ];
      for (const [table, change] of [
        ['session', `created_at = created_at ${ago}, last_used_at = last_used_at ${ago}, ended_at = now()`],
        ['factor', `last_used_at = last_used_at ${ago}`],
        ['device', `last_used_at = last_used_at ${ago}`],
      ]) {
        const rows = ofPerson(`identity.${table}`, id);
        backs.push(await changedRows(scene, rows, `update ${rows.table} set ${change} where ${rows.where}`));
      }
      return async () => {
        for (const back of backs.reverse()) await back();
      };
    },
  },
];

const grantOf = (scene: Scene, who: Parameters<typeof idOf>[1], role: string) => ({
  segment: 'identity' as const,
  table: 'access.grant',
  where: `account = '${idOf(scene, who)}' and role = '${role}'`,
});

const ended = "ended_at = from_at, ended_why = 'ended', ended_by = 'drill'";

/** Of who may what, and who said so. */
const ofAccess: readonly Fault[] = [
  {
    control: '164.502-a-3',
    check: 'access.grants-approved',
    what: 'a grant was made longer than it was approved for',
    says: /grant \S+ of tenant 1 lasts longer than was approved/,
    break: (scene) => {
      const rows = grantOf(scene, 'clinician', 'practice-clinician');
      return changedRows(
        scene,
        rows,
        `update access.grant set until_at = until_at + interval '9 days' where ${rows.where}`,
      );
    },
  },
  {
    control: '164.308-a-4-ii-B',
    check: 'access.grants-approved',
    what: 'the database takes grants that nobody approved',
    says: /the database takes a grant whose request nobody approved/,
    break: byOwner(
      'identity',
      'alter table access.grant disable trigger grant_was_approved',
      'alter table access.grant enable trigger grant_was_approved',
    ),
  },
  {
    control: '164.308-a-3-ii-A',
    check: 'access.duties-apart',
    what: 'the administrator audits themselves',
    says: /account \S+ of tenant 1 is (?:auditor and administrator|administrator and auditor)/,
    break: (scene) => {
      const id = idOf(scene, 'ada');
      return byOwner(
        'identity',
        `insert into access.grant (id, tenant, request, kind, account, role, from_at, until_at, changed)
          values (gen_random_uuid(), 1, gen_random_uuid(), 'standing', '${id}', 'auditor', now() - interval '1 minute',
          now() + interval '9 days', 9)`,
        `delete from access.grant where account = '${id}' and role = 'auditor'`,
      )(scene);
    },
  },
  {
    control: '164.308-a-4-ii-C',
    check: 'access.reviews-on-time',
    what: 'the review of access rights was left out',
    says: /tenant 1: the review of its grants is overdue by \d+ days/,
    break: byOwner(
      'identity',
      "update access.grant set from_at = from_at - interval '120 days' where tenant = 1",
      "update access.grant set from_at = from_at + interval '120 days' where tenant = 1",
    ),
  },
  {
    control: '164.514-d-2',
    check: 'access.reviews-on-time',
    what: 'rights are reviewed once a year only',
    says: /tenant 1 has set review_days to 365, and 90 is the most/,
    break: byOwner(
      'identity',
      'insert into access.review_setting (tenant, review_days, answer_days) values (1, 365, 14)',
      'delete from access.review_setting where tenant = 1',
    ),
  },
  {
    control: '164.308-a-2',
    check: 'access.officers',
    what: 'nobody is security officer any more',
    says: /tenant 1 has no active security-officer/,
    break: (scene) => {
      const rows = grantOf(scene, 'security', 'security-officer');
      return changedRows(scene, rows, `update access.grant set ${ended} where ${rows.where}`);
    },
  },
  {
    control: '164.530-a',
    check: 'access.officers',
    what: 'nobody is privacy officer any more',
    says: /tenant 1 has no active privacy-officer/,
    break: (scene) => {
      const rows = grantOf(scene, 'privacy', 'privacy-officer');
      return changedRows(scene, rows, `update access.grant set ${ended} where ${rows.where}`);
    },
  },
  {
    control: '164.308-a-3-ii-C',
    check: 'access.expired-end',
    what: 'the server holds a right to be there that is over',
    says: /grant \S+ of tenant 1 is over and still counts/,
    async break(scene) {
      // What the server knows of somebody who was here a moment ago, it holds in memory.
      await scene.house.clinician.jar.api('GET', '/me');
      const rows = grantOf(scene, 'clinician', 'practice-clinician');
      return changedRows(scene, rows, `update access.grant set ${ended} where ${rows.where}`);
    },
  },
  {
    control: '164.312-a-2-ii',
    check: 'access.break-glass',
    what: 'nobody looked at an emergency access',
    says: /emergency \S+ of tenant 1 was not reviewed in time/,
    async break(scene) {
      const { clinician, security, charts } = scene.house;
      const body = { patient: charts[0]?.id, reason: 'Unconscious in the emergency room.' };
      const opened = await clinician.jar.api('POST', '/access/break-glass', body);
      if (opened.status !== 201) throw new Error(`${opened.status} ${opened.text}`);
      const grant: string = opened.json.grant.id;
      const back = await changedRows(
        scene,
        { segment: 'identity', table: 'access.break_glass', where: `grant_id = '${grant}'` },
        `update access.break_glass set review_by = now() - interval '1 day' where grant_id = '${grant}'`,
      );
      return async () => {
        await back();
        const review = { verdict: 'justified', reason: 'The patient was unconscious.' };
        const done = await security.jar.api('POST', `/access/break-glass/${grant}/review`, review);
        if (done.status !== 200) throw new Error(`${done.status} ${done.text}`);
      };
    },
  },
];

export const peopleFaults: readonly Fault[] = [...ofIdentity, ...ofAccess];
