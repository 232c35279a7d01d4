import { newId } from '@safeguard/kernel';
import { operatorEvent } from './operator-event.ts';
import type { House } from './server.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
/** Older than any append may still be under way: see `deadlines.ledger_ms`. */
const settled_ms = 30_000;

/**
 * What has to be looked after: at start, before the first request is served, orphaned intents are chained; then, from
 * time to time, intents that a ledger outage left, identity rows without a clinical version, tokens long expired, and
 * grants that identity has not heard of, or that outlived their holder's account; reviews of access, and what patients
 * asked, that are due.
 */
export async function startCare(house: House): Promise<{ stop(): Promise<void> }> {
  const { identity, records, governance, ledger, settings } = house;
  const alone = settings.database.url === undefined && settings.database.clinical_url === undefined;
  const inEach = async (work: (tenant: number) => Promise<void>): Promise<void> => {
    for (const { id } of await identity.tenants.list()) await work(id);
  };
  const recoverAll = (age_ms: number): Promise<void> =>
    inEach(async (tenant) => {
      const count = await records.recover(tenant, age_ms);
      if (count > 0) house.log.warn('writes whose answer was lost were chained', { count });
    });
  const sweepAll = async (): Promise<void> => {
    await inEach(async (tenant) => {
      const count = await records.sweep(tenant);
      if (count > 0) house.log.warn('identity rows without a clinical version were removed', { count });
    });
    await identity.sweep();
    await endCommandClients(house);
  };
  const settleAll = (): Promise<void> =>
    inEach(async (tenant) => {
      const left = await governance.grants.settle(tenant);
      if (left > 0) house.log.warn('grants of the role administrator wait to be carried out', { count: left });
    });
  const remindAll = (): Promise<void> => inEach(async (tenant) => void (await house.rights.remind(tenant)));
  const programmeAll = (): Promise<void> => house.programme.remind();
  const deliverAll = async (): Promise<void> => void (await house.reporting.requests.deliver());
  const reviewAll = async (): Promise<void> => void (await governance.reviews.due());
  await recoverAll(alone ? 0 : settled_ms);
  // Signs what a crash left unsigned at the end of each log.
  await ledger.checkpoint(0);
  await inEach(async (tenant) => void (await ledger.checkpoint(tenant)));
  // What a stop, or a migration, left of the search index is built while requests are served.
  await inEach(async (tenant) => records.reindexing.resume(tenant));
  // What hangs on a session that is idle or too old (tokens of apps) ends with it: within this minute.
  const logOff = async (): Promise<void> => void (await identity.sessions.sweep());
  const timers = [
    every(house, minute_ms, () => recoverAll(settled_ms)),
    every(house, minute_ms, logOff),
    every(house, minute_ms, deliverAll),
    every(house, hour_ms, sweepAll, true),
    every(house, hour_ms, settleAll, true),
    every(house, hour_ms, remindAll, true),
    every(house, hour_ms, reviewAll),
    every(house, hour_ms, programmeAll),
  ];
  return { stop: async () => void (await Promise.all(timers.map((timer) => timer.stop()))) };
}

/** The name of clients that the command makes for itself, for as long as one token lives. */
export const commandClient = 'safeguard command line';

/** Ends clients of the command whose one token has expired: nobody knows their secret. */
async function endCommandClients({ identity, ledger, settings }: House): Promise<void> {
  const before = Date.now() - settings.tokens.lifetime_s * 1000;
  for (const { client_id, tenant, name, created_at, revoked_at } of await identity.clients.list()) {
    if (name !== commandClient || revoked_at !== null || created_at > before) continue;
    await identity.clients.revoke(client_id);
    const act = { action: 'client-revoke', outcome: 'permit', status: 200 } as const;
    const targets = [{ type: 'Client', id: client_id }];
    await ledger.append(0, [operatorEvent({ id: newId(), at: Date.now(), actor: 'care', tenant, ...act, targets })]);
  }
}

/** Runs `work` every `period_ms`, never twice at once; a failure is logged and the next time comes. */
function every(house: House, period_ms: number, work: () => Promise<void>, atOnce = false) {
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= work()
      .catch((error: unknown) => house.log.warn('a periodic task failed; it will be tried again', { error }))
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, period_ms).unref();
  if (atOnce) run();
  return {
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await running;
    },
  };
}
