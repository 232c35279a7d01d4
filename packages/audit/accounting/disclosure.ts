import type { RequestEvent } from '@safeguard/http';
import { actorsOf } from '../fhir/agents.ts';
import { kindOf } from '../fhir/kinds.ts';
import type { Agents } from '../people.ts';
import { asked, operations, payment, publicHealth, treatment } from './purposes.ts';

/**
 * Whether an access is a disclosure that the accounting of 45 CFR 164.528 must list. `certain` false: the log alone
 * does not tell, and the privacy officer decides; what may have to be listed is then listed.
 */
export interface Disclosure {
  readonly counts: boolean;
  readonly certain: boolean;
  /** In fixed words of ours. */
  readonly reason: string;
  /** The section of 45 CFR that says so. */
  readonly cite: string;
}

const judged = (counts: boolean, certain: boolean, cite: string, reason: string): Disclosure => ({
  counts,
  certain,
  reason,
  cite,
});

const nothing = judged(false, true, '45 CFR 160.103', 'Refused or failed: nothing was shown.');
const written = judged(false, true, '45 CFR 160.103', 'Something was written or done; nothing was released.');
const anonymous = judged(false, true, '45 CFR 164.502(d)(2)', 'De-identified: no protected health information.');
const limitedSet = judged(false, true, '45 CFR 164.528(a)(1)(viii)', 'Part of a limited data set.');
const individual = judged(false, true, '45 CFR 164.528(a)(1)(ii)', 'Shown to the individual.');
const representative = judged(
  false,
  false,
  '45 CFR 164.528(a)(1)(ii), 164.502(g)',
  'Shown to a representative: treated as the individual as far as they are the personal representative.',
);
const use = judged(false, true, '45 CFR 160.103', 'A use within the house by its workforce, not a disclosure.');
const tpo = judged(false, true, '45 CFR 164.528(a)(1)(i)', 'For treatment, payment or health care operations.');
const request = judged(
  false,
  false,
  '45 CFR 164.528(a)(1)(ii), (iv)',
  'At the request of the individual, or of those who speak for them; exempt if they received it or authorized it.',
);
const health = judged(true, true, '45 CFR 164.528(a)(1), 164.512(b), (j)', 'Disclosed for public health or safety.');
const research = judged(
  true,
  false,
  '45 CFR 164.528(a)(1)(iv), (b)(4)',
  'Disclosed for research: listed unless the individual authorized it.',
);
const unstated = judged(true, false, '45 CFR 164.528(a)(1)', 'To an app or service that stated no purpose.');
const other = judged(
  true,
  false,
  '45 CFR 164.528(a)(1)',
  'For another purpose: listed unless the individual authorized it, or another exception holds.',
);

/** Whether a success shows anything of a record: reads, searches, look-ups; not what is written. */
const shows = (event: RequestEvent): boolean => {
  const { action, pattern } = kindOf(event);
  return action === 'R' || pattern === 'Query';
};

function byView({ view }: RequestEvent): Disclosure | undefined {
  if (view === 'deidentified') return anonymous;
  return view === 'limited' ? limitedSet : undefined;
}

function byAccount(event: RequestEvent, agents: Agents): Disclosure | undefined {
  const { client, user } = actorsOf({ event, agents });
  const kind = user === undefined ? undefined : agents.person(user)?.kind;
  if (kind === 'patient') return individual;
  if (kind === 'proxy') return representative;
  // Through an app it may leave the house: then the purpose decides.
  return kind === 'workforce' && client === undefined ? use : undefined;
}

function byPurpose({ purpose }: RequestEvent): Disclosure {
  if (purpose === undefined) return unstated;
  if ([treatment, payment, operations].some((codes) => codes.has(purpose))) return tpo;
  if (asked.has(purpose)) return request;
  if (publicHealth.has(purpose)) return health;
  return purpose === 'HRESCH' || purpose === 'CLINTRCH' ? research : other;
}

export function disclosureOf(event: RequestEvent, agents: Agents): Disclosure {
  if (event.outcome !== 'permit') return nothing;
  if (!shows(event)) return written;
  return byView(event) ?? byAccount(event, agents) ?? byPurpose(event);
}
