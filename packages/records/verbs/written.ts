import type { RequestEvent } from '@safeguard/http';
import type { JsonObject } from '@safeguard/kernel';
import type { Head, Outcome } from '../call.ts';
import { stampedText } from '../storage/stamp.ts';

/** The outcome of a write. The resource's text is made only when somebody wants to see it. */
export const written = (
  status: number,
  head: Head,
  resource: JsonObject | undefined,
  event: RequestEvent,
): Outcome => ({
  status,
  head,
  get text() {
    return resource && stampedText(head, resource);
  },
  targets: event.targets,
  event,
});
