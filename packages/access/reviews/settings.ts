import { fault } from '@safeguard/kernel';
import type { Connection, Segment } from '@safeguard/store';
import type { Limits } from '../grants/deps.ts';
import type { ReviewSetting } from './types.ts';

const usual: ReviewSetting = { review_days: 90, answer_days: 14 };

const defaultsOf = (limits: Limits | undefined): ReviewSetting =>
  limits === undefined ? usual : { review_days: limits.review_days, answer_days: limits.review_answer_days };

const read = {
  name: 'access.review_setting.read',
  text: 'select review_days, answer_days from access.review_setting where tenant = $1',
};
const write = {
  name: 'access.review_setting.write',
  text: `insert into access.review_setting (tenant, review_days, answer_days) values ($1, $2, $3)
    on conflict (tenant) do update set review_days = excluded.review_days, answer_days = excluded.answer_days`,
};
const make = {
  name: 'access.review_setting.make',
  text: `insert into access.review_setting (tenant, review_days, answer_days) values ($1, $2, $3)
    on conflict (tenant) do nothing`,
};
const lock = {
  name: 'access.review_setting.lock',
  text: 'select review_days, answer_days from access.review_setting where tenant = $1 for update',
};

export async function settingOf(segment: Segment, tenant: number, limits?: Limits): Promise<ReviewSetting> {
  const [row] = await segment.query<{ review_days: number; answer_days: number }>(tenant, read, [tenant]);
  return row ?? defaultsOf(limits);
}

/** Whoever starts a campaign of the tenant waits here for whoever else does. */
export async function lockSetting(connection: Connection, tenant: number, limits?: Limits): Promise<ReviewSetting> {
  const preset = defaultsOf(limits);
  await connection.query(make, [tenant, preset.review_days, preset.answer_days]);
  const [row] = await connection.query<{ review_days: number; answer_days: number }>(lock, [tenant]);
  return row ?? preset;
}

const isWithin = (days: number, most: number): boolean => Number.isSafeInteger(days) && days >= 1 && days <= most;

/** Fault `invalid`. */
export async function configure(segment: Segment, tenant: number, wanted: ReviewSetting): Promise<ReviewSetting> {
  const { review_days, answer_days } = wanted;
  const fits = isWithin(review_days, 365) && isWithin(answer_days, 60) && answer_days < review_days;
  if (!fits) {
    throw fault('invalid', 'review_days: expected 1 to 365; answer_days: expected 1 to 60 and less than review_days.');
  }
  await segment.query(tenant, write, [tenant, review_days, answer_days]);
  return { review_days, answer_days };
}
