import type { Row, Statement } from '@safeguard/store';

const make = (name: string, text: string): Statement => ({ name: `programme.evidence.${name}`, text });

/** Where an evidence should stand, by the index. */
export interface EvidenceRow extends Row {
  readonly id: string;
  readonly check_id: string;
  readonly at: number;
  readonly shard: number;
  readonly index: number;
}

const columns = 'e.id, e.check_id, e.at, e.shard, e.index';

export const add = make(
  'add',
  `insert into programme.evidence (id, check_id, at, shard, index) values ($1, $2, $3, $4, $5)
   on conflict do nothing`,
);

/** The names by one look each (a loose scan of the index), then of each the newest by another. */
export const newest = make(
  'newest',
  `with recursive named as (
     (select e.check_id from programme.evidence e order by e.check_id limit 1)
     union all
     select (select e.check_id from programme.evidence e where e.check_id > n.check_id order by e.check_id limit 1)
     from named n where n.check_id is not null
   )
   select f.* from named n cross join lateral (
     select ${columns} from programme.evidence e where e.check_id = n.check_id and e.at <= $1
     order by e.at desc, e.id desc limit 1
   ) f where n.check_id is not null`,
);

/** Of one check, before a row. */
export const before = make(
  'before',
  `select ${columns} from programme.evidence e where e.check_id = $1 and (e.at, e.id) < ($2, $3::uuid)
   order by e.at desc, e.id desc limit $4`,
);

export const period = make(
  'period',
  `select ${columns} from programme.evidence e where e.at < $1 and (e.at, e.id) > ($2, $3::uuid)
   order by e.at, e.id limit $4`,
);

export const byId = make('by-id', `select ${columns} from programme.evidence e where e.id = $1`);

export const known = make('known', 'select e.id from programme.evidence e where e.id = any ($1::uuid[])');
