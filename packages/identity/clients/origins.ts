import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';

/** What begins like the origin; whether it is one is told by taking the address apart. */
const select = {
  name: 'identity.client.origins',
  text: `select uri from identity.client, unnest(redirect_uris) uri
    where type = 'public' and state = 'approved' and revoked_at is null and starts_with(uri, $1)`,
};

/** As every check of ours: what an app lost holds everywhere within a second. */
const fresh_ms = 1_000;
const mostKept = 1_000;

interface Known {
  readonly until: number;
  readonly answer: Promise<boolean>;
}

/**
 * Whether an approved app that can keep no secret, of whichever tenant, has a redirect URI at an origin
 * (`https://app.example`, as browsers write it): its pages call us from there. Asked at most once a second and origin.
 */
export function createOrigins({ segment, clock }: { readonly segment: Segment; readonly clock: Clock }) {
  const known = new Map<string, Known>();
  const ask = async (origin: string): Promise<boolean> => {
    const rows = await segment.query<{ uri: string }>(platform, select, [origin]);
    return rows.some(({ uri }) => new URL(uri).origin === origin);
  };
  return (origin: string): Promise<boolean> => {
    const now = clock.now();
    const kept = known.get(origin);
    if (kept !== undefined && now < kept.until) return kept.answer;
    // Anyone may ask with any origin: what is kept is bounded.
    if (known.size >= mostKept) known.clear();
    const answer = ask(origin);
    known.set(origin, { until: now + fresh_ms, answer });
    // An answer that failed is none: the next one asks anew.
    answer.catch(() => known.delete(origin));
    return answer;
  };
}
