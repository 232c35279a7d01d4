import type { Instance } from './instance.ts';

/** Somebody else, who reads one resource again and again meanwhile. */
export interface Bystander {
  /** Does it, and answers the longest that a read took meanwhile, in ms. */
  during(work: () => Promise<unknown>): Promise<number>;
}

/** The longest that a read may take while another is at it: far more than it needs, so that a busy machine passes. */
export const patience_ms = 5_000;

const pause_ms = 20;

export function createBystander(safeguard: Instance, token: string, path: string): Bystander {
  return {
    during: async (work) => {
      const over = { yes: false };
      let longest = 0;
      const reading = (async () => {
        while (!over.yes) {
          const began = performance.now();
          const { status } = await safeguard.request({ path, token });
          if (status !== 200) throw new Error(`the bystander was answered ${status}`);
          longest = Math.max(longest, performance.now() - began);
          await new Promise((next) => setTimeout(next, pause_ms));
        }
      })();
      try {
        await work();
      } finally {
        over.yes = true;
        await reading;
      }
      return longest;
    },
  };
}
