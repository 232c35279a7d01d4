import { limited } from './limited.ts';
import { codeText, leaseOf, type Running } from './running.ts';

const delayDefault_ms = 20_000;
const lookDefault_ms = 5_000;

/** Looks for what is due until it is closed. One look never overtakes another. */
export function keepTime(running: Running) {
  const { delay_ms = delayDefault_ms, look_ms = lookDefault_ms, log } = running.deps;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let isFirst = true;
  const wait = (ms: number): void => {
    if (running.closing.aborted) return;
    timer = setTimeout(() => {
      const why = isFirst ? 'start' : 'schedule';
      looking = look(running, why)
        .then(() => {
          isFirst = false;
        })
        // The database does not answer, say: the next look is soon.
        .catch((error: unknown) => log.error('checks could not be looked for', { error }))
        .finally(() => wait(look_ms));
    }, ms);
  };
  return {
    start: (): void => {
      if (timer === undefined) wait(delay_ms);
    },
    close: async (): Promise<void> => {
      clearTimeout(timer);
      await looking;
    },
  };
}

/** At the start also what other code ran last: after a deploy everything is tried anew. */
async function look(running: Running, why: 'start' | 'schedule'): Promise<void> {
  const { deps, checks, schedule, closing } = running;
  const code = codeText(await deps.code());
  const due = await schedule.due([...checks.keys()], deps.clock.now());
  const wanted = why === 'start' ? [...checks.values()] : [...checks.values()].filter(({ id }) => due.has(id));
  // As many as run at once: what is claimed runs, and does not wait with its lease running out.
  const slot = limited(deps.at_once ?? 2);
  await Promise.all(
    wanted.map((check) =>
      slot(async () => {
        if (closing.aborted) return;
        const [at, lease_ms] = [deps.clock.now(), leaseOf(check)];
        const isMine = await schedule.claim(check.id, { at, lease_ms, code, anew: why === 'start' });
        if (!isMine) return;
        await running.once(check, why).catch((error: unknown) => {
          if (!closing.aborted) deps.log.error('evidence was not kept', { check: check.id, error });
        });
      }),
    ),
  );
}
