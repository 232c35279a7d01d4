import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, resultOf } from '@safeguard/kernel';
import type { LedgerCheckDeps } from './checks.ts';
import { nameOf, type Standing, standingsOf } from './logs.ts';

/** How much later than due a checkpoint may be: a busy disk, and the time of looking. */
const grace_ms = 3_000;
const look_ms = 250;

const keyOf = ({ tenant, shard }: Standing): string => `${tenant}/${shard}`;

/** Waits until the logs of `wanted` are signed as far as they stood; answers those that are not, in time. */
async function unsignedOf(deps: LedgerCheckDeps, wanted: readonly Standing[], until: number): Promise<Standing[]> {
  const heads = new Map(wanted.map((log) => [keyOf(log), log.head]));
  for (;;) {
    const now = await standingsOf(deps.reader);
    const open = now.filter((log) => log.signed < (heads.get(keyOf(log)) ?? 0));
    if (open.length === 0 || Date.now() > until) return open;
    await sleep(look_ms);
  }
}

/**
 * A tenant's log is open only while it is in use: what a crash left unsigned is signed when it is opened. So this
 * process's own are asked to be; that they are signed unasked, the platform's log shows, which is always open.
 */
async function askFor({ ledger }: LedgerCheckDeps, logs: readonly Standing[]): Promise<void> {
  const own = logs.filter(({ tenant, shard }) => tenant !== 0 && shard === ledger.shard());
  await Promise.all(own.map(({ tenant }) => ledger.checkpoint(tenant)));
}

function faultOf({ verifier, signer }: LedgerCheckDeps, log: Standing): string[] {
  if (log.note === null) return log.head === 0 ? [] : [`${nameOf(log)}: it has no signed checkpoint`];
  const opened = verifier.openCheckpoint(log.note, log.origin, [signer.publicKey]);
  if ('reason' in opened) return [`${nameOf(log)}: its newest checkpoint: ${opened.reason}`];
  return opened.size === log.signed ? [] : [`${nameOf(log)}: its newest checkpoint speaks of another size`];
}

/** 45 CFR 164.312(c)(2): the log is signed within seconds, by the key of this instance. */
export const checkpointsSigned = (deps: LedgerCheckDeps): Check => ({
  id: 'ledger.checkpoints-signed',
  title: 'The log is signed',
  query:
    'The newest checkpoint of every log: whether it covers the log as it stood some seconds ago, and whether its ' +
    "signature holds under the instance's public key.",
  every_s: 900,
  async run({ number }) {
    const seconds = number('audit.checkpoint_seconds');
    const logs = (await standingsOf(deps.reader)).filter(({ head }) => head > 0);
    const until = Date.now() + seconds * 1_000 + grace_ms;
    const [platform, tenants] = [logs.filter(({ tenant }) => tenant === 0), logs.filter(({ tenant }) => tenant !== 0)];
    await askFor(
      deps,
      tenants.filter(({ head, signed }) => signed < head),
    );
    const open = await unsignedOf(deps, [...platform, ...tenants], until);
    const now = await standingsOf(deps.reader);
    return resultOf({
      examined: logs.length,
      wrong: [
        ...open.map((log) => `${nameOf(log)}: ${log.head - log.signed} entries are signed by nobody yet`),
        ...now.flatMap((log) => faultOf(deps, log)),
      ],
      met:
        `${logs.length} logs are signed as far as they stood ${seconds} s (and some grace) ago, by the ` +
        "instance's key.",
      unmet:
        'Entries stand in the log that no signature covers, or one that does not hold: they could be altered unseen.',
      todo: 'Look into the server’s log for checkpoints that could not be stored; restart it; verify the log.',
    });
  },
});
