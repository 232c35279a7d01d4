import type { Ledger } from '@safeguard/ledger';
import type { Row, Segment, Statement } from '@safeguard/store';

const listIntents: Statement = {
  name: 'records-intents',
  // The database's clock on both sides: this process's may differ.
  text: `select id, at, event from records.intent
    where tenant = $1 and at <= now() - make_interval(secs => $2) order by at limit 1000`,
};
const deleteIntents: Statement = {
  name: 'records-delete-intents',
  text: 'delete from records.intent where tenant = $1 and id = any ($2::uuid[])',
};

interface IntentRow extends Row {
  readonly id: string;
  readonly at: Date;
  readonly event: Buffer;
}

export interface RecordsLog {
  warn(event: string, fields?: { readonly error?: unknown; readonly count?: number }): void;
}

/**
 * The events of writes, parked in the write's own transaction. A write whose answer was lost (crash, ledger outage) has
 * its intent still there: `recover` chains what the ledger does not have yet and forgets the rest.
 */
export interface Intents {
  /** The write's event is chained: forget the intent, at leisure. */
  settle(tenant: number, id: string): void;
  /** Chains what is older than `age_ms` and was never chained. Answers how many entries it had to add. */
  recover(tenant: number, age_ms: number): Promise<number>;
  flush(): Promise<void>;
}

export interface IntentDeps {
  readonly clinical: Segment;
  readonly ledger: Pick<Ledger, 'append' | 'openIntent' | 'recent'>;
  readonly log: RecordsLog;
}

/**
 * What an event is known by. The id alone is not enough: a write that committed after its caller was told 503 has two
 * events under its request's id, and only the one with its own status says what was written.
 */
const nameOf = (event: object): string => {
  const { id, status } = event as { readonly id?: string; readonly status?: number };
  return `${id}/${status}`;
};

const flush_ms = 250;
/** How much older than its intent an entry may be: clocks of the two databases and of this process. */
const skew_ms = 60_000;

export function createIntents({ clinical, ledger, log }: IntentDeps): Intents {
  const settled = new Map<number, string[]>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const batches = [...settled];
    settled.clear();
    for (const [tenant, ids] of batches) {
      try {
        await clinical.query(tenant, deleteIntents, [tenant, ids]);
      } catch (error) {
        // Left for `recover`, which finds them chained.
        log.warn('settled intents could not be deleted', { error, count: ids.length });
      }
    }
  };

  const chainedSince = async (tenant: number, since_ms: number): Promise<Set<string>> => {
    const ids = new Set<string>();
    for await (const event of ledger.recent(tenant, since_ms)) ids.add(nameOf(event));
    return ids;
  };

  return {
    settle: (tenant, id) => {
      const ids = settled.get(tenant);
      if (ids === undefined) settled.set(tenant, [id]);
      else ids.push(id);
      timer ??= setTimeout(() => void flush(), flush_ms);
    },
    recover: async (tenant, age_ms) => {
      let added = 0;
      for (;;) {
        const intents = await clinical.query<IntentRow>(tenant, listIntents, [tenant, age_ms / 1000]);
        const oldest = intents[0];
        if (oldest === undefined) return added;
        const chained = await chainedSince(tenant, oldest.at.getTime() - skew_ms);
        const events = await Promise.all(intents.map((intent) => ledger.openIntent(tenant, intent.event)));
        const orphans = events.filter((event) => !chained.has(nameOf(event)));
        if (orphans.length > 0) await ledger.append(tenant, orphans);
        await clinical.query(tenant, deleteIntents, [tenant, intents.map((intent) => intent.id)]);
        added += orphans.length;
      }
    },
    flush,
  };
}
