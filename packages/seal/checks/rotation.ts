import { type Check, resultOf } from '@safeguard/kernel';
import { sealSegments } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';

const day_ms = 86_400_000;

const newest = {
  name: '',
  text: 'select max(created_at) as at, count(*)::int as versions from seal.tenant_key where tenant = $1',
};

/** 45 CFR 164.312(a)(2)(iv): tenant keys are replaced within the interval that the programme sets. */
export const keyRotation = ({ segments, tenants }: SealCheckDeps): Check => ({
  id: 'seal.key-rotation',
  title: 'Keys are replaced in time',
  query: 'The newest tenant key of every tenant in every segment, by its time of making, against keys.rotation_days.',
  every_s: 21_600,
  async run({ at, number }) {
    const days = number('keys.rotation_days');
    const wrong: string[] = [];
    let [examined, oldest] = [0, 0];
    for (const tenant of await tenants()) {
      for (const segment of sealSegments) {
        const [row] = await segments[segment].query<{ at: Date | null; versions: number }>(tenant, newest, [tenant]);
        if (row?.at === undefined || row.at === null) continue;
        const age = Math.floor((at - row.at.getTime()) / day_ms);
        examined += 1;
        oldest = Math.max(oldest, age);
        if (age > days) wrong.push(`tenant ${tenant}, ${segment}: ${age} days old`);
      }
    }
    return resultOf({
      examined,
      wrong,
      met: `${examined} tenant keys, the oldest ${oldest} days old; ${days} are allowed.`,
      unmet: `A tenant key is older than the ${days} days that the programme allows.`,
      todo: 'Rotate the keys of the named tenants (`safeguard keys rotate`): data stays readable meanwhile.',
    });
  },
});
