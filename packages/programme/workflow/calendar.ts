import ical, { ICalCalendarMethod } from 'ical-generator';
import { listTasks } from './list.ts';
import type { EngineDeps } from './take.ts';

/** Of one feed: the newest of them. */
const most = 200;
const hour_ms = 3_600_000;

/**
 * What is open and concerns this person, as an iCalendar feed (RFC 5545): an event of an hour before each is due. The
 * UID is the task's id, so that one that moves moves in the calendar too. Titles and dates: no notes, no subject.
 */
export async function calendarOf(deps: EngineDeps, tenant: number, account: string): Promise<string> {
  const { base } = deps;
  const tasks = await listTasks(deps, tenant, { concerning: account, open: true, count: most });
  const calendar = ical({
    name: 'Safeguard: tasks',
    prodId: { company: 'Safeguard', product: 'Compliance programme', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
  });
  for (const { id, title, due_at, opened_at, version, steps } of tasks) {
    calendar.createEvent({
      id: `${id}@${new URL(base).hostname}`,
      summary: title,
      start: new Date(due_at - hour_ms),
      end: new Date(due_at),
      stamp: new Date(steps.at(-1)?.at ?? opened_at),
      sequence: version,
      url: `${base}/programme/tasks/${id}`,
    });
  }
  return calendar.toString();
}
