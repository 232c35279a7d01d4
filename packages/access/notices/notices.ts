import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AccessLog } from '../grants/deps.ts';
import type { PeoplePort } from '../people-port.ts';
import { createInbox } from './inbox.ts';
import { type MailPort, sendDue } from './send.ts';
import { tellWithin } from './tell.ts';
import type { Notices } from './types.ts';

export interface NoticeDeps {
  /** The identity segment. */
  readonly segment: Segment;
  readonly clock: Clock;
  readonly people: Pick<PeoplePort, 'byIds' | 'tenants'>;
  /** Absent: notices stand at our own pages only. */
  readonly mail?: MailPort;
  /** Public base of our pages, no trailing slash. */
  readonly base: string;
  readonly log: AccessLog;
  /** Between two looks for what is due, milliseconds; default 5,000. */
  readonly every_ms?: number;
}

/** Notices: written with what they tell of, read at our own pages, sent by mail where there is a mail server. */
export function createNotices(deps: NoticeDeps): Notices {
  const { segment, clock, mail, log, every_ms = 5_000 } = deps;
  const mails = mail !== undefined;
  let open = true;
  let running: Promise<number> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<number> {
    if (mail === undefined) return 0;
    try {
      return await sendDue({ ...deps, mail }, () => open);
    } catch (error) {
      log.warn('notices could not be sent', { error });
      return 0;
    }
  }
  /** One at a time in this process. */
  function send(): Promise<number> {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  }
  return {
    mails,
    tell: (connection, notice) => tellWithin(connection, notice, mails),
    ...createInbox(segment, () => clock.now()),
    send,
    start() {
      if (!mails) {
        log.warn('no mail server is set: notices stand at our own pages only');
        return;
      }
      timer ??= setInterval(() => void send(), every_ms);
      timer.unref();
    },
    async close() {
      open = false;
      clearInterval(timer);
      await running;
    },
  };
}
