// Passkeys are the one thing that a browser does by script alone. Without it the pages hold everything else.
(() => {
  const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
    globalThis.SimpleWebAuthnBrowser;
  const { WebAuthnAbortService: waiting } = globalThis.SimpleWebAuthnBrowser;

  /** The server's options for this form; what the form carries (where to go on to) goes along. */
  const optionsFor = async (form) => {
    const answer = await fetch(form.dataset.options, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: 'application/json' },
      credentials: 'same-origin',
      redirect: 'error',
    });
    if (!answer.ok) throw new Error('no options');
    return answer.json();
  };

  /** The answer goes as a form like any other, so that the server leads on as it always does. */
  const give = (form, response) => {
    form.elements.namedItem('response').value = JSON.stringify(response);
    form.submit();
  };

  /** Only the latest run counts: a press ends what waits in silence, and its answer, should there be one, is dropped. */
  let turn = 0;
  /** One after another: each asks for a challenge, and the last one asked for is the one that holds. */
  let asked = Promise.resolve();

  const run = async (form, how) => {
    turn += 1;
    const mine = turn;
    waiting.cancelCeremony();
    asked = asked.catch(() => null).then(() => optionsFor(form));
    const optionsJSON = await asked;
    if (mine !== turn) return;
    const response =
      form.dataset.passkey === 'create'
        ? await startRegistration({ optionsJSON })
        : await startAuthentication({ optionsJSON, ...how });
    if (mine === turn) give(form, response);
  };

  const tell = (form, shown) => {
    form.querySelector('[data-trouble]').hidden = !shown;
  };

  const ready = (form) => {
    form.hidden = false;
    document.querySelectorAll('[data-without-script]').forEach((each) => {
      each.hidden = true;
    });
    document.querySelectorAll('[data-with-script]').forEach((each) => {
      each.hidden = false;
    });
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = form.querySelector('button');
      button.setAttribute('aria-busy', 'true');
      tell(form, false);
      try {
        await run(form, {});
      } catch {
        // Cancelled, timed out, no passkey here, or the page is too old: one text says what can be done in each case.
        tell(form, true);
      } finally {
        button.removeAttribute('aria-busy');
      }
    });
  };

  /** Passkeys offered in the list of the login field. It waits in silence: giving up on it is no error. */
  const offer = async (form) => {
    if (!('offer' in form.dataset) || !(await browserSupportsWebAuthnAutofill())) return;
    await run(form, { useBrowserAutofill: true }).catch((reason) => form.setAttribute('data-offer', reason.name));
  };

  if (!browserSupportsWebAuthn()) return;
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    ready(form);
    void offer(form);
  }
})();
