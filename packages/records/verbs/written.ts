import type { RequestEvent } from '@safeguard/http';
import type { JsonObject } from '@safeguard/kernel';
import type { Head, Outcome } from '../call.ts';
import { stampedText } from '../storage/stamp.ts';

export interface Written {
  readonly status: number;
  readonly head: Head;
  /** Undefined: it was deleted. */
  readonly resource: JsonObject | undefined;
  readonly event: RequestEvent;
  /** Takes out of its text what is hidden from the caller. */
  readonly hiding: (text: string) => string;
}

/** The outcome of a write. The resource's text is made only when somebody wants to see it. */
export const written = ({ status, head, resource, event, hiding }: Written): Outcome => ({
  status,
  head,
  get text() {
    return resource && hiding(stampedText(head, resource));
  },
  targets: event.targets,
  event,
});
