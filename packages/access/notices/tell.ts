import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { NewNotice } from './types.ts';
import { isAbout } from './words.ts';

const insert = {
  name: 'access.notice.insert',
  text: `insert into access.notice (id, tenant, kind, account, about, again, made_at, try_at, attempts)
    select i.id, $1, $2, i.account, $3, $4, $5, $6, 0 from unnest($7::uuid[], $8::uuid[]) as i (id, account)
    on conflict (tenant, account, kind, about, again) do nothing`,
};

/**
 * Writes a notice for each of the people, in the transaction of what it tells of. Fault `internal` for a link that
 * could hold anything but an id of ours.
 */
export async function tellWithin(connection: Connection, notice: NewNotice, mails: boolean): Promise<void> {
  const { tenant, kind, about, again = '' } = notice;
  if (!isAbout(about) || again.length > 100) throw fault('internal', 'A notice is about something that is no id.');
  const to = [...new Set(notice.to)].filter(isUuid).sort();
  if (to.length === 0) return;
  const at = new Date(notice.at);
  const ids = to.map(() => newId());
  await connection.query(insert, [tenant, kind, about, again, at, mails ? at : null, ids, to]);
}
