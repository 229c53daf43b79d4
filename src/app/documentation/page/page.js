/* global SwaggerUIBundle */
/**
 * Starts Swagger UI. What is added: it signs in by itself and renews its token, keeps the token of this tab until it ends,
 * shows no padlock where none is needed, and gives every control a name.
 */
(() => {
  const base = new URL('.', document.currentScript.src);
  const SCHEME = 'staffSignIn';
  const KEPT = 'denuncia-abierta-session';
  /** Milliseconds before the end of a token at which the next request asks for another. */
  const MARGIN = 60_000;

  let ui;
  /** The refresh token lives in memory only: it is good for a working day, and a copied tab would end the session. */
  let session = null;
  let renewing = null;

  function keep(token, username) {
    const endsAt = Date.now() + Number(token.expires_in) * 1000;
    session = { accessToken: token.access_token, refreshToken: token.refresh_token, endsAt, username };
    sessionStorage.setItem(KEPT, JSON.stringify({ accessToken: token.access_token, endsAt, username }));
  }

  function forget() {
    session = null;
    sessionStorage.removeItem(KEPT);
  }

  /** After a reload of the page: the access token until it ends. */
  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    if (!kept || kept.endsAt <= Date.now()) return forget();
    session = kept;
    show(kept.accessToken);
  }

  function show(accessToken) {
    const schema = ui.specSelectors.securityDefinitions().get(SCHEME);
    const token = { access_token: accessToken, token_type: 'Bearer' };
    ui.authActions.authorizeOauth2({ auth: { name: SCHEME, schema, username: session.username }, token });
  }

  function tokenUrl() {
    const { tokenUrl: path } = ui.specSelectors
      .securityDefinitions()
      .getIn([SCHEME, 'flows', 'password'])
      .toJS();
    return new URL(path, location.href).href;
  }

  async function renew() {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: session.refreshToken });
    const answer = await fetch(tokenUrl(), { method: 'POST', body });
    // A service that cannot answer is no end of the session.
    if (!answer.ok && answer.status !== 400) return;
    if (!answer.ok) return ui.authActions.logout([SCHEME]);
    const { username } = session;
    const token = await answer.json();
    keep(token, username);
    show(token.access_token);
  }

  /** Requests at the same time wait for one renewal. */
  async function currentToken() {
    if (session && session.endsAt - MARGIN < Date.now()) {
      if (session.refreshToken) await (renewing ??= renew().finally(() => (renewing = null)));
      else if (session.endsAt <= Date.now()) ui.authActions.logout([SCHEME]);
    }
    return session?.accessToken;
  }

  async function beforeRequest(request) {
    if (!ui || request.loadSpec || new URL(request.url, location.href).href === tokenUrl()) return request;
    const sent = request.headers?.Authorization;
    if (session && sent === `Bearer ${session.accessToken}`) {
      const token = await currentToken();
      if (token) request.headers.Authorization = `Bearer ${token}`;
      else delete request.headers.Authorization;
    }
    if (isPublicReport(request)) {
      delete request.headers.Authorization;
      delete request.headers['X-Api-Key'];
    }
    return request;
  }

  /** A report that names its institution is one of the public web, also while somebody is signed in. */
  function isPublicReport({ url, method, body }) {
    if (method !== 'POST' || !/\/api\/v1\/reports$/.test(new URL(url, location.href).pathname)) return false;
    try {
      return 'institution' in JSON.parse(body);
    } catch {
      return false;
    }
  }

  const SignIn = () => ({
    statePlugins: {
      auth: {
        wrapActions: {
          authorizeOauth2: (original) => (payload) => {
            const { auth, token } = payload;
            if (auth.name !== SCHEME) return original(payload);
            if (token.expires_in !== undefined) keep(token, auth.username);
            // The password stays nowhere.
            return original({
              auth: { name: auth.name, schema: auth.schema, username: auth.username },
              token,
            });
          },
          logout: (original) => (names) => {
            if (session && names.includes(SCHEME)) {
              const headers = { Authorization: `Bearer ${session.accessToken}` };
              const url = new URL('sessions/current', tokenUrl());
              forget();
              void fetch(url, { method: 'DELETE', headers }).catch(() => undefined);
            }
            return original(names);
          },
        },
      },
    },
  });

  /** Swagger UI draws a padlock at every operation that takes a credential, also where none is needed. */
  const Padlocks = () => ({
    wrapComponents: {
      OperationSummary: (Original, { React }) =>
        function Summary(props) {
          const { operationProps } = props;
          const open = operationProps.get('security')?.some((one) => one.isEmpty());
          return React.createElement(
            Original,
            open ? { ...props, operationProps: operationProps.delete('security') } : props,
          );
        },
    },
  });

  /** What a control without a name is called, by the first that fits. */
  const NAMES = [
    ['#servers', 'Servidor'],
    ['.close-modal', 'Cerrar'],
    [
      '.content-type-wrapper select, .response-control-media-type select, .body-param-content-type select',
      'Tipo de contenido',
    ],
    ['.body-param__text', 'Cuerpo de la solicitud'],
    ['.examples-select-element, .examples-select select', 'Ejemplo'],
    ['.copy-to-clipboard button, button.copy-to-clipboard', 'Copiar'],
  ];

  /** Gives a name to what a screen reader would call "button" or "list" only. */
  function nameControls() {
    for (const control of document.querySelectorAll(
      '#swagger-ui :is(select, textarea, input, button):not([aria-label])',
    )) {
      // The label of a list is often empty.
      const named =
        control.localName === 'button' ? control.textContent.trim() !== '' : control.labels?.length > 0;
      if (named && control.localName !== 'select') continue;
      const parameter = control.closest('[data-param-name]')?.dataset.paramName;
      const [, name] = NAMES.find(([selector]) => control.matches(selector)) ?? [];
      control.setAttribute('aria-label', name ?? parameter ?? (control.name || control.title || 'Campo'));
    }
  }

  /** The dialog moves the cursor to its last field; most people want the first. */
  let dialog = null;
  function startAtFirstField() {
    const shown = document.querySelector('.modal-ux');
    if (shown !== dialog) shown?.querySelector('input')?.focus();
    dialog = shown;
  }

  new MutationObserver(() => {
    nameControls();
    startAtFirstField();
  }).observe(document.querySelector('#swagger-ui'), { childList: true, subtree: true });

  ui = SwaggerUIBundle({
    url: new URL('../openapi.json', base).href,
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'list',
    validatorUrl: null,
    // It would write the password into the storage of the browser.
    persistAuthorization: false,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [SignIn, Padlocks],
    layout: 'BaseLayout',
    requestInterceptor: beforeRequest,
    onComplete: () => {
      restore();
    },
  });
})();
