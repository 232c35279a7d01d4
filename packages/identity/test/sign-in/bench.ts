import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createAuthenticators } from '../../authenticators/authenticators.ts';
import { createGate, type Gate } from '../../sign-in/gate.ts';
import { from, kindOf, openGate, openHouse } from './house.ts';

/** 200 password attempts a second from as many networks, at the real cost of a hash: with the gate and without. */
const perSecond = 200;
const lasts_s = 10;

const house = await openHouse();
const log = { warn: () => undefined };
const real = createAuthenticators({ segment: house.segment, vault: house.vault, clock: house.clock, log });

async function attack(name: string, gate: Gate): Promise<void> {
  const { signIn } = house.process({ gate, authenticators: () => real });
  const counts = new Map<string, number>();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const began = process.cpuUsage();
  const running: Promise<void>[] = [];
  let hashed = 0;
  const one = async (at: number): Promise<void> => {
    const { secret } = await signIn.begin({ purpose: 'sign-in', tenant: 1, return_to: '/account' });
    const remote = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
    const kind = await kindOf(
      signIn.password(secret, { login: `n${at}@example.org`, password: 'guess' }, from({ remote })),
    );
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (kind === 'unauthenticated') hashed += 1;
  };
  const started = performance.now();
  for (let at = 0; at < perSecond * lasts_s; at += 1) {
    const due_ms = started + (at * 1000) / perSecond;
    if (due_ms > performance.now()) await new Promise((resolve) => setTimeout(resolve, due_ms - performance.now()));
    running.push(one(at));
  }
  const inTime = hashed;
  const { user, system } = process.cpuUsage(began);
  const cpu = (user + system) / 1e6 / ((performance.now() - started) / 1000);
  const p99_ms = delay.percentile(99) / 1e6;
  process.stdout.write(
    `${name}: ${(inTime / lasts_s).toFixed(1)} hashes/s while it lasts, ${cpu.toFixed(2)} cores, ` +
      `event loop p99 ${p99_ms.toFixed(1)} ms, ${JSON.stringify(Object.fromEntries(counts))}\n`,
  );
  await Promise.all(running);
}

await attack('with the gate', createGate());
await attack('without it', openGate);
await house.close();
process.exit(0);
