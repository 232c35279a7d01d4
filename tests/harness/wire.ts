import { connect } from 'node:net';

export interface Heard {
  readonly text: string;
  readonly status: number;
  /** Every status line, where several answers came on one connection. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
  readonly took_ms: number;
}

export interface Say {
  /** Written one after the other. */
  readonly parts: readonly (string | Buffer)[];
  readonly between_ms?: number;
  /** Until when an answer is waited for. */
  readonly deadline_ms?: number;
  /** The number of answers after which it is enough; else until the connection closes, or all is silent for a while. */
  readonly answers?: number;
  /** End our side after the last part. */
  readonly end?: boolean;
}

const silence_ms = 700;
const settle_ms = 15;

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) [A-Z]/g)].map((match) => Number(match[1]));

/** Bytes as they are, on a connection of their own: what no client library would send. `url` must be plain HTTP. */
export function say(url: string, { parts, between_ms = 0, deadline_ms = 5000, answers, end = false }: Say) {
  const { hostname, port } = new URL(url);
  return new Promise<Heard>((resolve) => {
    const began = performance.now();
    const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
    const heard: Buffer[] = [];
    let over = false;
    let quiet: NodeJS.Timeout | undefined;
    const finish = (closed: boolean): void => {
      if (over) return;
      over = true;
      clearTimeout(deadline);
      clearTimeout(quiet);
      socket.destroy();
      const text = Buffer.concat(heard).toString('latin1');
      const statuses = statusesOf(text);
      const final = statuses.filter((status) => status >= 200);
      resolve({ text, status: final[0] ?? 0, statuses, closed, took_ms: performance.now() - began });
    };
    const deadline = setTimeout(() => finish(false), deadline_ms);
    socket.on('data', (chunk) => {
      heard.push(chunk);
      clearTimeout(quiet);
      const count = statusesOf(Buffer.concat(heard).toString('latin1')).filter((status) => status >= 200).length;
      const enough = answers !== undefined && count >= answers;
      quiet = setTimeout(() => finish(false), enough ? settle_ms : silence_ms);
    });
    socket.on('close', () => finish(true));
    socket.on('error', () => undefined);
    socket.on('connect', () => void write());
    const write = async (): Promise<void> => {
      for (const part of parts) {
        if (over || !socket.writable) return;
        socket.write(part);
        if (between_ms > 0) await new Promise((next) => setTimeout(next, between_ms));
      }
      if (end && !over) socket.end();
    };
  });
}
