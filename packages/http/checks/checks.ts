import type { Check, Probe } from '@safeguard/kernel';
import type { HttpSettings } from '../settings.ts';
import { errorsSilent } from './errors-silent.ts';
import { headers } from './headers.ts';
import { limits } from './limits.ts';
import { listeners } from './listeners.ts';
import { plaintextRefused } from './plaintext.ts';
import { tls } from './tls.ts';

export interface HttpCheckDeps {
  readonly probe: Probe;
  readonly settings: Pick<HttpSettings, 'host' | 'limits'>;
  /** Process id of an embedded PostgreSQL (`Store.status().postgres?.pid`): it may listen on no network address. */
  postgres?(): number | undefined;
}

/** The checks of what stands between the network and the server. */
export const httpChecks = (deps: HttpCheckDeps): Check[] => [
  tls(deps),
  plaintextRefused(deps),
  listeners(deps),
  headers(deps),
  errorsSilent(deps),
  limits(deps),
];
